#include "driver/home.hpp"

#include <cctype>
#include <cstdlib>
#include <utility>
#include <vector>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nocturne {
namespace {

/// Asked for once: a directory of users may be slow, and every line of a log is looked at.
std::string const& home_of_user()
{
    static std::string const home = [] {
        auto const* const user = getpwuid(getuid());
        return user && user->pw_dir ? std::string(user->pw_dir) : std::string();
    }();
    return home;
}

std::vector<std::string> homes()
{
    std::vector<std::string> found{home_of_user()};
    if (auto const* set = std::getenv("HOME")) found.emplace_back(set);
    for (auto& path : found)
        while (path.size() > 1 && path.back() == '/') path.pop_back();
    std::erase_if(found, [](std::string const& path) { return path.size() < 2; });
    return found;
}

bool of_a_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; }

}  // namespace

std::string without_home(std::string text)
{
    for (auto const& home : homes())
        for (auto at = text.find(home); at != std::string::npos; at = text.find(home, at + 1)) {
            auto const end = at + home.size();
            bool const begins = at == 0 || !(of_a_name(text[at - 1]) || text[at - 1] == '/') ||
                                text.compare(at < 3 ? 0 : at - 3, 3, "://") == 0;
            bool const stops = end < text.size() && text[end] == '.' &&
                               (end + 1 == text.size() || !of_a_name(text[end + 1]));  // of a sentence
            if (begins && (stops || end == text.size() || !of_a_name(text[end]))) text.replace(at, home.size(), "~");
        }
    return text;
}

std::string for_output(std::string text)
{
    struct stat output, log;
    bool const is_log = fstat(STDOUT_FILENO, &output) == 0 && fstat(STDERR_FILENO, &log) == 0 &&
                        output.st_dev == log.st_dev && output.st_ino == log.st_ino && S_ISREG(output.st_mode);
    return is_log ? without_home(std::move(text)) : text;
}

}  // namespace nocturne
