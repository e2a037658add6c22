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

DirectoryKind directory_kind(std::string const& path)
{
    if (is_measurement_set(path)) return DirectoryKind::measurement_set;
    if (is_headless_set(path)) return DirectoryKind::headless_set;
    if (is_other_table(path)) return DirectoryKind::other_table;
    return named_like_data(path) ? DirectoryKind::hollow_set : DirectoryKind::plain;
}

std::string what_is_wrong(DirectoryKind kind)
{
    switch (kind) {
        case DirectoryKind::headless_set:
            return "it has lost its table.dat";
        case DirectoryKind::hollow_set:
            return "it is named like a Measurement Set and holds no table";
        case DirectoryKind::other_table:
            return "it is a table, and no Measurement Set";
        case DirectoryKind::measurement_set:
        case DirectoryKind::plain:
            break;
    }
    return "";
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
        bool const directory = at->is_directory(odd);
        auto const kind = directory ? directory_kind(path) : DirectoryKind::plain;
        bool const set = kind == DirectoryKind::measurement_set || kind == DirectoryKind::headless_set;
        if (directory && !set) {
            add_directory(path, kind, found);
            continue;
        }
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
    std::sort(found.tables.begin(), found.tables.end());
    return found;
}

void Listing::add_directory(std::string const& path, DirectoryKind kind, Found& found) const
{
    if (!wanted(path)) return;
    if (kind == DirectoryKind::other_table) found.tables.push_back(escaped_utf8(path));
    if (kind == DirectoryKind::hollow_set) found.unusable.emplace_back(escaped_utf8(path), what_is_wrong(kind));
}

bool Listing::wanted(std::string const& path) const
{
    if (!only_.empty() && path != only_) return false;
    return pattern_.empty() || fnmatch(pattern_.c_str(), fs::path(path).filename().c_str(), 0) == 0;
}

}  // namespace nocturne
