#include "driver/convert_files.hpp"

#include "driver/attempt.hpp"
#include "driver/stop_signal.hpp"

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

Converted convert_files(GroupRequest const& request, Ranks const& world)
{
    Stopwatch watch;
    StopSignal const signals;
    auto opened = open_inputs(request, world);
    std::optional<MsWish> wish;
    world.agree(attempt([&] { wish = ms_wish(request.job, ""); }));
    std::unique_ptr<MsExport> ms;
    if (wish) ms = std::make_unique<MsExport>(*wish, world, std::vector<std::string>{request.command_line});
    if (ms) opened.run.write_block = ms->sink();
    Ledger ledger;
    auto const state = run_files(std::move(opened.run), world, opened.device, ledger);
    auto result = describe(state.header);
    result.calibration = state.calibration;
    if (ms) {
        result.ms = ms->finish(ledger);
        world.agree(attempt([&] {
            if (world.leader()) ms->take_product()->commit();
        }));
    }
    gather_ledgers(ledger, world);
    result.ledger = std::move(ledger);
    result.wall_s = watch.seconds();
    return result;
}

}  // namespace nocturne
