// Enters: files of one group. Leaves: the same products as a run makes, under a stem; nothing is recorded in a database.
#include "driver/image_files.hpp"

#include "driver/attempt.hpp"
#include "driver/image_shares.hpp"
#include "driver/kept_visibilities.hpp"
#include "driver/ms_export.hpp"
#include "driver/node_memory.hpp"
#include "driver/products.hpp"
#include "driver/progress.hpp"
#include "driver/room.hpp"
#include "driver/stop_signal.hpp"
#include "driver/tiers.hpp"
#include "nocturne/version.hpp"
#include "stages/image/channels.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

struct Timing {
    Ledger& ledger;
    Stopwatch const& watch;
};

struct Companions {
    std::vector<db::InputFile> inputs;
    MsExport* ms = nullptr;
    std::vector<std::string> notes = {};
};

WrittenProducts write_images(GroupState& state, ImageRequest const& request, Companions companions,
                             Timing const& timing, Ranks const& world)
{
    ProductContext about;
    about.stem = request.stem;
    about.tier = tier_of(request.job);
    about.detect_sigma = detect_sigma_of(request.job);
    about.run_id = world.broadcast(db::make_run_id());
    about.code_version = code_version();
    about.config_text = request.job.configuration().dump();
    about.config_hash = db::hash_text(about.config_text);
    about.command_line = request.command_line;
    about.inputs = std::move(companions.inputs);
    about.ms = companions.ms;
    about.notes = std::move(companions.notes);
    about.where = look_around(state.device);
    about.rank = world.rank();
    about.ranks = state.share.size;
    about.ledger = &timing.ledger;
    about.wall_s = timing.watch.seconds();
    LedgerScope const writing(timing.ledger, "write");
    return write_products(state, about, world);
}

/// The image of a later round says where its positions are in doubt.
void doubt_places(GroupState& state, SelfCalRound const& first, std::vector<std::string>& notes, Ranks const& world)
{
    auto const seen = look_at_image(state, world);
    if (!seen || !state.calibration) return;
    state.calibration->doubt = doubt_of_places(first, seen->dynamic_range());
    if (!state.calibration->doubt.empty()) notes.push_back(state.calibration->doubt);
}

}  // namespace

WrittenProducts image_files(ImageRequest const& request, Ranks const& world)
{
    Stopwatch watch;
    StopSignal const signals;
    auto opened = open_inputs(request, world, Hashes::of_all);
    opened.run.check_room = [&](GroupHeader const& header) {
        check_memory(request.job, opened.device, available_memory(), &header);
    };
    auto& ledger = opened.ledger;
    auto inputs = opened.files;
    KeptVisibilities kept(request.keep_visibilities, world.size());
    opened.run.keep = kept.sink();
    auto const ms = open_export(request, request.stem + ".ms", opened, world);
    opened.run.notes = &opened.notes;
    auto state = run_files(std::move(opened.run), world, opened.device, ledger);
    if (ms) ms->finish(ledger);
    if (request.first_round) doubt_places(state, *request.first_round, opened.notes, world);
    gather_ledgers(ledger, world);
    world.agree(attempt([&] {
        if (world.leader()) kept.write(state.header.freq_hz);
    }));
    auto written = write_images(state, request, {std::move(inputs), ms.get(), opened.notes}, {ledger, watch}, world);
    written.notes = std::move(opened.notes);
    if (request.progress && world.leader()) log_lines(ledger.table(watch.seconds(), measure_bandwidth()));
    return written;
}

}  // namespace nocturne
