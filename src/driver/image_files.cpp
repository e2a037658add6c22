// Enters: files of one group. Leaves: the same products as a run makes, under a stem; nothing is recorded in a database.
#include "driver/image_files.hpp"

#include "driver/attempt.hpp"
#include "driver/grouping.hpp"
#include "driver/kept_visibilities.hpp"
#include "driver/ms_export.hpp"
#include "driver/ms_source.hpp"
#include "driver/probe.hpp"
#include "driver/products.hpp"
#include "driver/progress.hpp"
#include "driver/run_files.hpp"
#include "driver/stop_signal.hpp"
#include "io/ms_reader.hpp"
#include "io/uvh5_files.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <filesystem>

#include <spdlog/spdlog.h>

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

/// The inputs with their checksums, on the leader; the ranks share the hashing.
std::vector<db::InputFile> describe_inputs(std::vector<std::string> const& paths, Ranks const& world, Ledger& ledger)
{
    LedgerScope hashing(ledger, "verify");
    auto mine = nlohmann::json::object();
    world.agree(attempt([&] {
        for (std::size_t i = static_cast<std::size_t>(world.rank()); i < paths.size();
             i += static_cast<std::size_t>(world.size())) {
            mine[paths[i]] = content_hash(paths[i]);
            hashing.add_bytes(content_bytes(paths[i]));
        }
    }));
    nlohmann::json hashes;
    for (auto const& part : world.gather(mine.dump())) hashes.update(nlohmann::json::parse(part));
    std::vector<db::InputFile> inputs;
    for (auto const& path : paths) {
        auto const name = parse_subband_name(path);
        if (world.leader())
            inputs.push_back(
                {name ? name->subband : 0, path, hashes[path], static_cast<std::int64_t>(content_bytes(path))});
    }
    return inputs;
}

struct Companions {
    std::vector<db::InputFile> inputs;
    MsExport* ms = nullptr;
};

std::vector<db::ImageRow> write_images(GroupState const& state, ImageRequest const& request, Companions companions,
                                       Ledger& ledger, Stopwatch const& watch)
{
    ProductContext about;
    about.stem = request.stem;
    about.run_id = db::make_run_id();
    about.code_version = code_version();
    about.config_text = request.job.configuration().dump();
    about.config_hash = db::hash_text(about.config_text);
    about.command_line = request.command_line;
    about.inputs = std::move(companions.inputs);
    about.ms = companions.ms;
    about.where = look_around(state.device);
    about.ranks = state.share.size;
    about.ledger = &ledger;
    about.wall_s = watch.seconds();
    LedgerScope const writing(ledger, "write");
    return write_products(state, about).images;
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

std::vector<db::ImageRow> image_files(ImageRequest const& request, Ranks const& world)
{
    Stopwatch watch;
    StopSignal const signals;
    Device device;
    std::vector<std::string> paths;
    std::optional<MsWish> wish;
    world.agree(attempt([&] {
        device = make_device(request.backend, local_rank());
        paths = files_of_group(request.inputs, request.only_group);
    }));
    auto const name = parse_subband_name(paths.front());
    auto const id = name ? name->stamp : std::filesystem::path(paths.front()).stem().string();
    Ledger ledger;
    auto const stamps = check_inputs(paths, world);
    auto inputs = describe_inputs(paths, world, ledger);
    KeptVisibilities kept(request.keep_visibilities, world.size());
    std::unique_ptr<MsExport> ms;
    world.agree(attempt([&] { wish = ms_wish(request.job, request.stem + ".ms"); }));
    if (wish) ms = std::make_unique<MsExport>(*wish, world, std::vector<std::string>{request.command_line});
    FilesRun files{
        {paths, request.expected_subbands, id, span_memory(device, request.memory_gb), ms_options(request.job)},
        request.job.passes(),
        kept.sink(),
        stamps,
        ms ? ms->sink() : BlockSink()};
    auto const state = run_files(std::move(files), world, device, ledger);
    if (ms) ms->finish(ledger);
    auto const all = world.gather(ledger.json().dump());
    std::vector<db::ImageRow> rows;
    world.agree(attempt([&] {
        if (!world.leader()) return;
        for (std::size_t rank = 1; rank < all.size(); ++rank)
            ledger.merge(Ledger::from_json(nlohmann::ordered_json::parse(all[rank])));
        kept.write(state.header.freq_hz);
        rows = write_images(state, request, {std::move(inputs), ms.get()}, ledger, watch);
        if (request.progress) log_lines(ledger.table(watch.seconds(), measure_bandwidth()));
    }));
    return rows;
}

}  // namespace nocturne
