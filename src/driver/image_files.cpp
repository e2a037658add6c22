// Enters: files of one group. Leaves: the same products as a run makes, under a stem; nothing is recorded in a database.
#include "driver/image_files.hpp"

#include "driver/attempt.hpp"
#include "driver/kept_visibilities.hpp"
#include "driver/ms_export.hpp"
#include "driver/products.hpp"
#include "driver/progress.hpp"
#include "driver/stop_signal.hpp"
#include "driver/verify.hpp"
#include "io/uvh5_files.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <filesystem>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

/// The inputs with their checksums; the ranks share the hashing.
std::vector<db::InputFile> describe_inputs(std::vector<std::string> const& paths, Ranks const& world, Ledger& ledger)
{
    std::vector<db::InputFile> inputs;
    for (auto const& path : paths) {
        auto const name = parse_subband_name(path);
        inputs.push_back({name ? name->subband : 0, path, "", static_cast<std::int64_t>(content_bytes(path))});
    }
    verify_files(inputs, world, ledger);
    return inputs;
}

struct Timing {
    Ledger& ledger;
    Stopwatch const& watch;
};

struct Companions {
    std::vector<db::InputFile> inputs;
    MsExport* ms = nullptr;
};

std::vector<db::ImageRow> write_images(GroupState& state, ImageRequest const& request, Companions companions,
                                       Timing const& timing, Ranks const& world)
{
    ProductContext about;
    about.stem = request.stem;
    about.run_id = world.broadcast(db::make_run_id());
    about.code_version = code_version();
    about.config_text = request.job.configuration().dump();
    about.config_hash = db::hash_text(about.config_text);
    about.command_line = request.command_line;
    about.inputs = std::move(companions.inputs);
    about.ms = companions.ms;
    about.where = look_around(state.device);
    about.rank = world.rank();
    about.ranks = state.share.size;
    about.ledger = &timing.ledger;
    about.wall_s = timing.watch.seconds();
    LedgerScope const writing(timing.ledger, "write");
    return write_products(state, about, world).images;
}

}  // namespace

std::vector<db::ImageRow> image_files(ImageRequest const& request, Ranks const& world)
{
    Stopwatch watch;
    StopSignal const signals;
    auto opened = open_inputs(request, world);
    Ledger ledger;
    auto inputs = describe_inputs(opened.paths, world, ledger);
    KeptVisibilities kept(request.keep_visibilities, world.size());
    opened.run.keep = kept.sink();
    std::optional<MsWish> wish;
    world.agree(attempt([&] { wish = ms_wish(request.job, request.stem + ".ms"); }));
    std::unique_ptr<MsExport> ms;
    if (wish) ms = std::make_unique<MsExport>(*wish, world, std::vector<std::string>{request.command_line});
    if (ms) opened.run.write_block = ms->sink();
    auto state = run_files(std::move(opened.run), world, opened.device, ledger);
    if (ms) ms->finish(ledger);
    gather_ledgers(ledger, world);
    world.agree(attempt([&] {
        if (world.leader()) kept.write(state.header.freq_hz);
    }));
    auto rows = write_images(state, request, {std::move(inputs), ms.get()}, {ledger, watch}, world);
    if (request.progress && world.leader()) log_lines(ledger.table(watch.seconds(), measure_bandwidth()));
    return rows;
}

}  // namespace nocturne
