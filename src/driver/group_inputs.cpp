#include "driver/group_inputs.hpp"

#include "driver/attempt.hpp"
#include "driver/beam_file.hpp"
#include "driver/choose_group.hpp"
#include "driver/choose_solutions.hpp"
#include "driver/gpu_sums.hpp"
#include "driver/ms_source.hpp"
#include "driver/probe.hpp"
#include "driver/recorded.hpp"
#include "driver/surroundings.hpp"
#include "driver/verify.hpp"
#include "io/ms_reader.hpp"
#include "io/product_paths.hpp"
#include "io/uvh5_files.hpp"

#include <filesystem>

#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

namespace nocturne {
namespace {

/// The directory that the inputs were looked for in; "" where files or a set were named.
std::string scanned_directory(std::vector<std::string> const& inputs)
{
    bool const scanned =
        inputs.size() == 1 && std::filesystem::is_directory(inputs.front()) && !is_measurement_set(inputs.front());
    return scanned ? inputs.front() : "";
}

void refuse_too_few(std::vector<std::string> const& paths, int min_subbands)
{
    if (std::ssize(paths) >= min_subbands || !parse_subband_name(paths.front())) return;
    throw Error(
        Code::input_missing, "group " + group_id_of(paths.front()) + " is not complete",
        std::to_string(paths.size()) + " subbands are there, and --min-subbands is " + std::to_string(min_subbands),
        "wait for the others, or ask for fewer");
}

/// What chooses within a Measurement Set chooses nothing in UVH5 files.
void note_idle_choices(MsOptions const& options, GroupInputs& opened)
{
    if (is_measurement_set(opened.paths.front())) return;
    std::string idle;
    if (options.column != MsOptions().column) idle += " column";
    if (!options.field.empty()) idle += " field";
    if (!options.spw.empty()) idle += " windows";
    if (!idle.empty())
        opened.notes.push_back("what these options choose is of Measurement Sets, and UVH5 files are read whole:" +
                               idle);
}

}  // namespace

GroupInputs open_inputs(GroupRequest const& request, Ranks const& world, Hashes hashes)
{
    GroupInputs opened;
    world.agree(attempt([&] {
        opened.device = make_device(request.backend, local_rank());
        auto chosen = choose_group(request.inputs, request.only_group, request.expected_subbands);
        opened.paths = std::move(chosen.paths);
        refuse_too_few(opened.paths, request.min_subbands);
        opened.files = recorded_files(opened.paths, world.leader() ? request.database : "");
        opened.notes = std::move(chosen.notes);
        note_idle_choices(ms_options(request.job), opened);
        if (world.leader())
            for (auto const& note : opened.notes) spdlog::warn("{}", note);
    }));
    bool const some_gpu = world.maximum(is_host(opened.device) ? 0 : 1) > 0;
    world.agree(unlike_others(is_host(opened.device), some_gpu, host_name()));
    opened.run.stamps = check_inputs(opened.paths, world);
    auto& files = opened.files;
    bool const recorded =
        std::any_of(files.begin(), files.end(), [](auto const& file) { return !file.xxh128.empty(); });
    if (world.broadcast(std::int64_t(recorded || hashes == Hashes::of_all))) verify_files(files, world, opened.ledger);
    opened.run.source = {opened.paths, request.expected_subbands, group_id_of(opened.paths.front()),
                         span_memory(opened.device, request.memory_gb), ms_options(request.job)};
    opened.run.passes = request.job.passes();
    opened.run.beam_file = beam_file_of(request.job);
    opened.run.bring_solutions = hand_bringer(request.job, request.database);
    return opened;
}

std::unique_ptr<MsExport> open_export(GroupRequest const& request, std::string const& path, GroupInputs& opened,
                                      Ranks const& world)
{
    std::optional<MsWish> wish;
    auto const directory = scanned_directory(request.inputs);
    world.agree(attempt([&] { wish = ms_wish(request.job, path, {opened.paths, directory}); }));
    if (!wish) return nullptr;
    auto ms = std::make_unique<MsExport>(*wish, world, request.command_line, &opened.notes);
    opened.run.write_block = ms->sink();
    return ms;
}

MsExported commit_export(MsExport& ms, Ledger& ledger, Ranks const& world)
{
    auto exported = ms.finish(ledger);
    world.agree(attempt([&] {
        if (!world.leader()) return;
        auto const product = ms.take_product();
        product->commit();
        if (auto const trouble = product->discard_replaced(); !trouble.empty()) spdlog::warn("{}", trouble);
    }));
    return exported;
}

void gather_ledgers(Ledger& ledger, Ranks const& world)
{
    auto const all = world.gather(ledger.json().dump());
    for (std::size_t rank = 1; rank < all.size(); ++rank)
        ledger.merge(Ledger::from_json(nlohmann::ordered_json::parse(all[rank])));
}

}  // namespace nocturne
