#include "driver/group_inputs.hpp"

#include "driver/attempt.hpp"
#include "driver/grouping.hpp"
#include "driver/ms_source.hpp"
#include "driver/probe.hpp"
#include "driver/surroundings.hpp"
#include "io/ms_reader.hpp"
#include "io/uvh5_files.hpp"

#include <algorithm>
#include <filesystem>

namespace nocturne {
namespace {

std::vector<std::string> files_in_directory(std::string const& directory)
{
    std::vector<std::string> files;
    for (auto const& entry : std::filesystem::directory_iterator(directory))
        if (entry.is_regular_file()) files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> choose_group(std::string const& directory, std::string const& only_group)
{
    std::vector<NamedFile> named;
    Prober prober;
    for (auto const& path : files_in_directory(directory)) {
        auto const name = parse_subband_name(path);
        auto const probe = name ? prober.look(path).probe : Probe{};
        if (name)
            named.push_back({path, name->stamp, name->stamp_mjd_s, name->subband, probe.modified_s, probe.bytes,
                             probe.result == ProbeResult::good});
    }
    auto const groups = group_files(named, {}).groups;
    std::string all;
    for (auto const& group : groups) all += " " + group.group_id;
    for (auto const& group : groups) {
        if (group.group_id != only_group && !(only_group.empty() && groups.size() == 1)) continue;
        std::vector<std::string> paths;
        for (auto index : group.chosen) paths.push_back(named[index].path);
        if (!paths.empty()) return paths;
    }
    if (groups.empty() || !only_group.empty())
        throw Error(Code::input_missing, "no such group in " + directory,
                    groups.empty() ? "no subband files are there" : "it holds" + all,
                    "name files, or --group with one that is there");
    throw Error(Code::usage, directory + " holds several groups", "an image is made of one",
                "choose with --group one of" + all);
}

/// "X.ms/" is X.ms.
std::string without_slash(std::string path)
{
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

std::string group_id_of(std::string const& path)
{
    auto const name = parse_subband_name(path);
    return name ? name->stamp : std::filesystem::path(path).stem().string();
}

}  // namespace

std::vector<std::string> files_of_group(std::vector<std::string> const& inputs, std::string const& only_group)
{
    for (auto const& path : inputs) {
        if (!is_measurement_set(path)) continue;
        if (inputs.size() > 1)
            throw Error(Code::usage, path + " among other inputs", "a Measurement Set is a group by itself",
                        "image one at a time");
        return {without_slash(path)};
    }
    if (inputs.size() == 1 && std::filesystem::is_directory(inputs.front()))
        return choose_group(inputs.front(), only_group);
    for (auto const& path : inputs)
        if (!std::filesystem::exists(path))
            throw Error(Code::input_missing, "no file " + path, "no such file", "check the path");
    return inputs;
}

GroupInputs open_inputs(GroupRequest const& request, Ranks const& world)
{
    GroupInputs opened;
    world.agree(attempt([&] {
        opened.device = make_device(request.backend, local_rank());
        opened.paths = files_of_group(request.inputs, request.only_group);
    }));
    opened.run.stamps = check_inputs(opened.paths, world);
    opened.run.source = {opened.paths, request.expected_subbands, group_id_of(opened.paths.front()),
                         span_memory(opened.device, request.memory_gb), ms_options(request.job)};
    opened.run.passes = request.job.passes();
    opened.run.bring_solutions = named_bringer(request.job);
    return opened;
}

void gather_ledgers(Ledger& ledger, Ranks const& world)
{
    auto const all = world.gather(ledger.json().dump());
    for (std::size_t rank = 1; rank < all.size(); ++rank)
        ledger.merge(Ledger::from_json(nlohmann::ordered_json::parse(all[rank])));
}

}  // namespace nocturne
