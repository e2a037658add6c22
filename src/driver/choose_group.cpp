// Enters: paths. Leaves: one group of them.
#include "driver/choose_group.hpp"

#include "driver/grouping.hpp"
#include "driver/inspect.hpp"
#include "driver/listing.hpp"
#include "driver/probe.hpp"
#include "io/ms_reader.hpp"
#include "io/uvh5_files.hpp"
#include "nocturne/error.hpp"
#include "nocturne/utf8.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

/// What lies in a directory: subband files, and groups of one.
struct Contents {
    std::vector<NamedFile> named;
    std::map<std::string, std::string> reasons;  ///< of a named file that cannot be read, by path
    std::map<std::string, std::string> single;   ///< group → UVH5 file with another name, or Measurement Set
    std::map<std::string, std::string> damaged;  ///< what is named like these and cannot be read, and why
    std::vector<std::string> notes;
};

/// By its stem; where several have that, by its file name.
std::map<std::string, std::string> by_group(std::vector<std::string> const& paths)
{
    std::map<std::string, int> n;
    for (auto const& path : paths) ++n[group_id_of(path)];
    std::map<std::string, std::string> groups;
    for (auto const& path : paths)
        groups[n[group_id_of(path)] == 1 ? group_id_of(path) : fs::path(path).filename().string()] = path;
    return groups;
}

std::vector<std::string> entries_of(std::string const& directory)
{
    std::vector<std::string> paths;
    std::error_code failure;
    for (fs::directory_iterator at(directory, failure), end; !failure && at != end; at.increment(failure))
        if (at->path().filename().string().front() != '.') paths.push_back(at->path().string());
    if (failure)
        throw Error(Code::input_missing, "cannot list " + directory, failure.message(), "check its permissions");
    std::sort(paths.begin(), paths.end());
    return paths;
}

Contents look_into(std::string const& directory)
{
    Contents found;
    auto& prober = prober_of_thread();
    std::vector<std::string> single;
    for (auto const& path : entries_of(directory)) {
        if (!is_utf8(path)) {
            found.notes.push_back(escaped_utf8(path) + " is left out: its name is not UTF-8");
            continue;
        }
        std::error_code odd;
        if (fs::is_directory(path, odd)) {
            auto const kind = directory_kind(path);
            if (kind == DirectoryKind::measurement_set) single.push_back(path);
            auto const wrong = what_is_wrong(kind);
            if (kind == DirectoryKind::other_table)
                found.notes.push_back(path + " is left out: " + wrong);
            else if (!wrong.empty())
                found.damaged[path] = wrong;
        }
        if (!fs::is_regular_file(path, odd)) continue;
        auto const probe = prober.look(path).probe;
        bool const good = probe.result == ProbeResult::good;
        if (auto const name = parse_subband_name(path)) {
            found.named.push_back(
                {path, name->stamp, name->stamp_mjd_s, name->subband, probe.modified_s, probe.bytes, good});
            if (!good) found.reasons[path] = probe.reason;
        } else if (good) {
            single.push_back(path);
        } else if (is_damaged(probe.result, path)) {
            found.damaged[path] = probe.reason;
        }
    }
    found.single = by_group(single);
    for (auto const& [path, reason] : found.damaged) found.notes.push_back(path + " is left out: " + reason);
    return found;
}

/// A damaged file that no other replaces fails its group, as it does in a run.
void refuse_damaged(FileGroup const& group, Contents const& contents)
{
    for (auto const index : group.unusable) {
        auto const& file = contents.named[index];
        bool const replaced = std::any_of(group.chosen.begin(), group.chosen.end(), [&](std::size_t other) {
            return contents.named[other].subband == file.subband;
        });
        if (replaced) continue;
        throw Error(Code::bad_input, "a file of group " + group.group_id + " cannot be read",
                    contents.reasons.at(file.path), "copy it again from its source, or take it away")
            .in("file " + file.path);
    }
}

ChosenGroup members_of(FileGroup const& group, Contents const& contents)
{
    refuse_damaged(group, contents);
    ChosenGroup chosen{{}, contents.notes};
    for (auto const index : group.chosen) chosen.paths.push_back(contents.named[index].path);
    for (auto const& loser : group.superseded)
        chosen.notes.push_back(contents.named[loser.file].path + " is left out: " + contents.named[loser.winner].path +
                               " has the same subband and is newer");
    if (group.missing.empty()) return chosen;
    std::string all;
    for (int const subband : group.missing) all += (subband < 10 ? " sb0" : " sb") + std::to_string(subband);
    chosen.notes.push_back("group " + group.group_id + " lacks" + all);
    return chosen;
}

ChosenGroup choose_from(std::string const& directory, std::string const& only_group, int expected_subbands)
{
    auto const contents = look_into(directory);
    auto const groups = group_files(contents.named, {expected_subbands, {}, 0}).groups;
    std::string all;
    for (auto const& group : groups) all += " " + group.group_id;
    for (auto const& [name, path] : contents.single) all += " " + name;
    auto const n = groups.size() + contents.single.size();
    bool const only_one = only_group.empty() && n == 1;
    for (auto const& group : groups)
        if (only_one || group.group_id == only_group) return members_of(group, contents);
    for (auto const& [name, path] : contents.single)
        if (only_one || name == only_group) return {{path}, contents.notes};
    std::error_code odd;
    if (n == 0 && fs::exists(fs::path(directory) / "table.info", odd))
        throw Error(Code::bad_input, directory + " is no whole Measurement Set",
                    "it has the look of a table, and its table.dat is missing or another kind's",
                    "copy it again from its source, or name the set itself");
    if (n == 0 && !contents.damaged.empty())
        throw Error(Code::bad_input, "nothing in " + directory + " can be read", contents.damaged.begin()->second,
                    "copy it again from its source")
            .in("file " + contents.damaged.begin()->first);
    if (n == 0 || !only_group.empty())
        throw Error(Code::input_missing, "no such group in " + directory,
                    n == 0 ? "neither UVH5 files nor Measurement Sets are there" : "it holds" + all,
                    "name files, or --group with one that is there");
    throw Error(Code::usage, directory + " holds several groups", "one is worked on at a time",
                "choose with --group one of" + all);
}

/// "X.ms/" is X.ms.
std::string without_slash(std::string path)
{
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

}  // namespace

std::string group_id_of(std::string const& path)
{
    auto const name = parse_subband_name(path);
    return name ? name->stamp : fs::path(without_slash(path)).stem().string();
}

namespace {

/// A name that is asked for beside files: it has to be theirs, each by itself or all together (stamps of a group may differ).
void require_group(std::vector<std::string> const& paths, std::string const& wanted)
{
    std::vector<NamedFile> named;
    for (auto const& path : paths)
        if (auto const name = parse_subband_name(path))
            named.push_back({path, name->stamp, name->stamp_mjd_s, name->subband, 0, 0});
    if (auto const groups = group_files(named, {}).groups;
        groups.size() == 1 && named.size() == paths.size() && groups.front().group_id == wanted)
        return;
    for (auto const& path : paths)
        if (!wanted.empty() && group_id_of(path) != wanted)
            throw Error(Code::input_missing, "no group " + wanted + " in what is named",
                        path + " is of group " + group_id_of(path), "leave --group out, or name its files");
}

}  // namespace

ChosenGroup choose_group(std::vector<std::string> const& inputs, std::string const& only_group, int expected_subbands)
{
    for (auto const& path : inputs) {
        if (!is_measurement_set(path)) continue;
        if (inputs.size() > 1)
            throw Error(Code::usage, path + " among other inputs", "a Measurement Set is a group by itself",
                        "name it alone");
        require_group(inputs, only_group);
        return {{without_slash(path)}, {}};
    }
    if (inputs.size() == 1 && fs::is_directory(inputs.front()))
        return choose_from(inputs.front(), only_group, expected_subbands);
    for (auto const& path : inputs)
        if (!fs::exists(path)) throw Error(Code::input_missing, "no file " + path, "no such file", "check the path");
    require_group(inputs, only_group);
    return {inputs, {}};
}

}  // namespace nocturne
