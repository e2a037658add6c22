#include "driver/listing.hpp"

#include "driver/inspect.hpp"
#include "io/ms_reader.hpp"
#include "nocturne/error.hpp"
#include "nocturne/utf8.hpp"

#include <algorithm>
#include <filesystem>

#include <fnmatch.h>

namespace nocturne {

namespace fs = std::filesystem;

Listing::Listing(std::string const& place, std::string pattern) : pattern_(std::move(pattern))
{
    std::error_code failed;
    if (!fs::is_directory(place, failed))
        throw Error(Code::input_missing, "cannot scan " + place, "it is not a directory",
                    "name the directory of the files");
    auto const path = fs::canonical(place, failed);
    if (failed) throw Error(Code::input_missing, "cannot scan " + place, failed.message(), "check its permissions");
    bool const set = is_measurement_set(path.string());
    if (set) only_ = path.string();
    directory_ = set ? path.parent_path().string() : path.string();
    if (!is_utf8(directory_))
        throw Error(Code::usage, "cannot scan " + place,
                    "it is " + escaped_utf8(directory_) + ", whose name is not UTF-8", "rename it");
}

namespace {

bool is_of_database(std::string const& path, std::string const& database)
{
    if (database.empty() || path.rfind(database, 0) != 0) return false;
    auto const tail = path.substr(database.size());
    return tail.empty() || tail == "-wal" || tail == "-shm" || tail == "-journal";
}

}  // namespace

Listing::Found Listing::find(std::string const& except) const
{
    Found found;
    std::error_code failed;
    for (fs::directory_iterator at(directory_, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code odd;  // a link to nowhere is no file of ours
        auto const path = at->path().string();
        bool const hidden = at->path().filename().string().front() == '.';
        if (hidden || is_of_database(path, except)) continue;
        bool const directory = at->is_directory(odd),
                   set = directory && (is_measurement_set(path) || is_headless_set(path));
        if (directory && !set) continue;
        bool const usable = set || at->is_regular_file(odd),
                   looks_wanted = wanted(path) && (set || named_like_data(path));
        if (usable && is_utf8(path))
            found.paths.push_back(path);
        else if (looks_wanted)
            found.unusable.emplace_back(escaped_utf8(path), usable
                                                                ? "its name is not UTF-8: rename it"
                                                                : "it is no file, or a link to nothing: take it away");
    }
    if (failed)
        throw Error(Code::input_missing, "cannot list " + directory_, failed.message(), "check its permissions");
    std::sort(found.paths.begin(), found.paths.end());
    std::sort(found.unusable.begin(), found.unusable.end());
    return found;
}

bool Listing::wanted(std::string const& path) const
{
    if (!only_.empty() && path != only_) return false;
    return pattern_.empty() || fnmatch(pattern_.c_str(), fs::path(path).filename().c_str(), 0) == 0;
}

}  // namespace nocturne
