#include "io/old_temporaries.hpp"
#include "nocturne/process_place.hpp"

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
    if (odd) return 0;  // gone, or not ours to judge
    if (fs::is_directory(fs::symlink_status(path, odd))) {
        fs::recursive_directory_iterator part(path, fs::directory_options::skip_permission_denied, odd), end;
        for (; !odd && part != end; part.increment(odd)) {
            std::error_code gone;
            auto const changed = part->is_symlink(gone) ? newest : part->last_write_time(gone);
            newest = gone ? fs::file_time_type::clock::now() : std::max(newest, changed);  // somebody is at work there
        }
    }
    return std::chrono::duration<double>(fs::file_time_type::clock::now() - newest).count();
}

}  // namespace

int remove_old_temporaries(std::string const& directory, double older_than_s)
{
    static std::regex const form(R"(\..+\.tmp-(.+)-[0-9]+-[0-9]+)");
    auto const here = process_place();
    int removed = 0;
    std::error_code failure;
    for (fs::directory_iterator at(directory, failure), end; !failure && at != end; at.increment(failure)) {
        auto const name = at->path().filename().string();
        std::smatch parts;
        if (!std::regex_match(name, parts, form) || parts[1] == here) continue;
        std::error_code kept;
        if (age_s(at->path()) > older_than_s && fs::remove_all(at->path(), kept) > 0 && !kept) ++removed;
    }
    return removed;
}

}  // namespace nocturne
