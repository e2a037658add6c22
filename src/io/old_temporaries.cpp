#include "io/old_temporaries.hpp"

#include "io/product_paths.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <regex>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

/// Of a file, or of the newest part of a directory; a clock that runs differently elsewhere makes it younger at worst.
double age_s(fs::path const& path)
{
    std::error_code odd;
    auto newest = fs::last_write_time(path, odd);
    if (fs::is_directory(fs::symlink_status(path, odd)))
        for (auto const& part :
             fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, odd))
            newest = std::max(newest, part.is_symlink(odd) ? newest : part.last_write_time(odd));
    return std::chrono::duration<double>(fs::file_time_type::clock::now() - newest).count();
}

}  // namespace

int remove_old_temporaries(std::string const& directory, double older_than_s)
{
    static std::regex const form(R"(\..+\.tmp-(.+)-[0-9]+-[0-9]+)");
    int removed = 0;
    std::error_code failure;
    for (auto const& entry : fs::directory_iterator(directory, failure)) {
        auto const name = entry.path().filename().string();
        std::smatch parts;
        if (!std::regex_match(name, parts, form) || parts[1] == host_name()) continue;
        std::error_code kept;
        if (age_s(entry.path()) > older_than_s && fs::remove_all(entry.path(), kept) > 0 && !kept) ++removed;
    }
    return removed;
}

}  // namespace nocturne
