#include "driver/convert_files.hpp"

#include "driver/attempt.hpp"
#include "driver/image_files.hpp"
#include "driver/ms_source.hpp"
#include "driver/run_files.hpp"
#include "driver/stop_signal.hpp"
#include "driver/surroundings.hpp"
#include "io/uvh5_files.hpp"

#include <filesystem>

namespace nocturne {
namespace {

Converted describe(GroupHeader const& header)
{
    Converted result;
    result.group_id = header.group_id;
    result.n_integrations = std::ssize(header.time_mjd_s);
    result.n_baselines = std::ssize(header.baselines);
    result.n_channels = std::ssize(header.freq_hz);
    result.n_correlations = std::ssize(header.correlations);
    result.n_subbands = header.n_present();
    return result;
}

}  // namespace

Converted convert_files(ConvertRequest const& request, Ranks const& world)
{
    Stopwatch watch;
    StopSignal const signals;
    Device device;
    std::vector<std::string> paths;
    std::optional<MsWish> wish;
    world.agree(attempt([&] {
        device = make_device(request.backend, local_rank());
        paths = files_of_group(request.inputs, request.only_group);
        wish = ms_wish(request.job, "");
    }));
    auto const name = parse_subband_name(paths.front());
    auto const id = name ? name->stamp : std::filesystem::path(paths.front()).stem().string();
    std::unique_ptr<MsExport> ms;
    if (wish) ms = std::make_unique<MsExport>(*wish, world, std::vector<std::string>{request.command_line});
    Ledger ledger;
    auto const stamps = check_inputs(paths, world);
    FilesRun files{
        {paths, request.expected_subbands, id, span_memory(device, request.memory_gb), ms_options(request.job)},
        request.job.passes(),
        {},
        stamps,
        ms ? ms->sink() : BlockSink()};
    auto const state = run_files(std::move(files), world, device, ledger);
    auto result = describe(state.header);
    if (ms) {
        result.ms = ms->finish(ledger);
        world.agree(attempt([&] {
            if (world.leader()) ms->take_product()->commit();
        }));
    }
    auto const all = world.gather(ledger.json().dump());
    for (std::size_t rank = 1; rank < all.size(); ++rank)
        ledger.merge(Ledger::from_json(nlohmann::ordered_json::parse(all[rank])));
    result.ledger = std::move(ledger);
    result.wall_s = watch.seconds();
    return result;
}

}  // namespace nocturne
