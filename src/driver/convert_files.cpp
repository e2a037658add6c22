#include "driver/convert_files.hpp"

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
    for (auto const& subband : header.subbands)
        if (subband.n_channels == 0) result.missing_subbands.push_back(subband.index);
    return result;
}

}  // namespace

Converted convert_files(GroupRequest const& request, Ranks const& world)
{
    Stopwatch watch;
    StopSignal const signals;
    auto opened = open_inputs(request, world);
    auto const ms = open_export(request, "", opened, world);
    auto& ledger = opened.ledger;
    opened.run.notes = &opened.notes;
    auto const state = run_files(std::move(opened.run), world, opened.device, ledger);
    auto result = describe(state.header);
    result.calibration = state.calibration;
    result.notes = opened.notes;
    if (ms) result.ms = commit_export(*ms, ledger, world);
    gather_ledgers(ledger, world);
    result.ledger = std::move(ledger);
    result.wall_s = watch.seconds();
    return result;
}

}  // namespace nocturne
