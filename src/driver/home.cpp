#include "driver/home.hpp"

#include <cctype>
#include <cstdlib>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace nocturne {
namespace {

std::vector<std::string> homes()
{
    std::vector<std::string> found;
    if (auto const* set = std::getenv("HOME")) found.emplace_back(set);
    if (auto const* user = getpwuid(getuid()); user && user->pw_dir) found.emplace_back(user->pw_dir);
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
            bool const begins = at == 0 || !(of_a_name(text[at - 1]) || text[at - 1] == '/');
            if (begins && (end == text.size() || !of_a_name(text[end]))) text.replace(at, home.size(), "~");
        }
    return text;
}

}  // namespace nocturne
