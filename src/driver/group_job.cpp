// Enters: a group's files. Leaves: its products and its record, or the reason why not. Nothing of a failed group stands under
// a final name.
#include "driver/group_job.hpp"

#include "driver/attempt.hpp"
#include "driver/calibration_json.hpp"
#include "driver/data_files.hpp"
#include "driver/kept_visibilities.hpp"
#include "driver/ms_source.hpp"
#include "driver/products.hpp"
#include "driver/run_files.hpp"
#include "driver/take_group.hpp"
#include "driver/verify.hpp"
#include "io/hash.hpp"
#include "io/ms_reader.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>

namespace nocturne {
namespace {

using Json = nlohmann::ordered_json;

/// A finished group leaves the way it took; a failed one, the error.
struct Travelled {
    std::optional<Error> failure;
    GroupState state;
    Ledger ledger;
    std::unique_ptr<MsExport> ms;
    std::vector<std::string> notes;  ///< of the reader
};

std::string utc_now()
{
    std::time_t const now = std::time(nullptr);
    char text[32];
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::vector<std::string> paths_of(GroupWork const& work)
{
    std::vector<std::string> paths;
    for (auto const& file : work.files) paths.push_back(file.path);
    return paths;
}

std::vector<FileStamp> check_files(GroupWork const& work, Ranks const& team)
{
    return within("stage verify", [&] { return check_inputs(paths_of(work), team); });
}

/// OUT/GROUP.ms.
std::string ms_path(RunRequest const& request, GroupWork const& work)
{
    return (std::filesystem::path(request.out) / (file_stem(work.group_id) + ".ms")).string();
}

/// A run makes a Measurement Set of each group, so it chooses the names.
std::unique_ptr<MsExport> open_measurement_set(GroupWork const& work, TeamContext const& context,
                                               std::vector<std::string> const& notes)
{
    auto const path = ms_path(context.request, work);
    auto const wish = ms_wish(context.request.job, path, {paths_of(work)});
    if (!wish) return nullptr;
    if (wish->path != path)
        throw Error(Code::bad_config, "parameter ms = '" + wish->path + "'", "a run makes one Measurement Set a group",
                    "say on, and find OUT/GROUP.ms; or convert one group by hand");
    return std::make_unique<MsExport>(*wish, context.team, context.request.command_line, &notes);
}

SolutionBringer bringer_of(GroupWork const& work, Job const& job)
{
    auto const wish = solution_wish(job);
    if (!wish) return {};
    return [wish = *wish, chosen = work.solutions.value()](GroupState& state) { bring_solutions(chosen, wish, state); };
}

/// Files without a recorded hash get it, here and in the index.
Travelled travel(GroupWork& work, TeamContext const& context)
{
    Travelled result;
    try {
        auto const stamps = check_files(work, context.team);
        verify_files(work.files, context.team, result.ledger);
        context.team.agree(attempt([&] {
            if (context.team.leader()) db::record_hashes(*context.session, work.files);
        }));
        SourceOptions options{paths_of(work), work.expected_subbands, work.group_id,
                              span_memory(context.device, context.request.memory_gb)};
        options.ms = ms_options(context.request.job);
        KeptVisibilities kept(context.request.keep_visibilities, context.team.size());
        result.ms = open_measurement_set(work, context, result.notes);
        auto const write_block = result.ms ? result.ms->sink() : BlockSink();
        result.state = run_files({std::move(options), context.request.job.passes(), kept.sink(), stamps, write_block,
                                  bringer_of(work, context.request.job), &result.notes, context.pulse},
                                 context.team, context.device, result.ledger);
        if (result.ms) result.ms->finish(result.ledger);
        if (context.team.leader()) kept.write(result.state.header.freq_hz);
    } catch (Error const& error) {
        result.failure = error;
        result.failure->in("group " + work.group_id);
    }
    return result;
}

db::GroupResult result_of(Travelled const& travelled, WrittenProducts const& written, db::Claim const& claim,
                          TeamContext const& context, GroupWork const& work)
{
    auto const& state = travelled.state;
    db::GroupResult result;
    result.claim = claim;
    result.key = key_of(context.request, work, is_host(context.device) ? "kokkos" : "cuda");
    auto configuration = context.request.job.configuration_with_origin();
    configuration["data"] = to_json(data_files(context.request.job, work.telescope));
    result.config_json = configuration.dump();
    result.place = {context.where.host, context.where.device, context.where.device_uuid, context.world_rank,
                    context.team.size()};
    auto const& times = state.header.time_mjd_s;
    auto const& exposure = state.header.integration_s;
    result.ms.start_mjd = (times.front() - exposure.front() / 2) / day_s;
    result.ms.end_mjd = (times.back() + exposure.back() / 2) / day_s;
    result.ms.pointing_ra_deg = state.centre.ra.value() / degree_rad;
    result.ms.pointing_dec_deg = state.centre.dec.value() / degree_rad;
    if (travelled.ms) {
        result.ms.path = std::filesystem::absolute(travelled.ms->exported().path).string();
        result.performance.writer_type = "nocturne";
    }
    if (auto const& use = state.calibration) {
        result.ms.cal_applied = true;
        result.calibration = {name(use->provenance),
                              to_json(*use).dump(-1, ' ', false, Json::error_handler_t::replace),
                              {},
                              !use->waived.empty()};
        for (auto const& file : use->files) result.calibration.paths.push_back(file.path);
    }
    if (!state.field_names.empty()) result.ms.field_name = state.field_names.front();
    if (!travelled.notes.empty())
        result.notes_json = Json(travelled.notes).dump(-1, ' ', false, Json::error_handler_t::replace);
    result.images = written.images;
    result.products = written.files;
    for (auto const& row : travelled.ledger.rows()) {
        result.stages.push_back({row.name, row.slowest_s, static_cast<std::int64_t>(row.bytes)});
        if (row.name == "read" || row.name == "open" || row.name == "verify")
            result.performance.load_s += row.slowest_s;
        if (row.name == "convert") result.performance.phase_s += row.slowest_s;
        if (row.name == "write") result.performance.write_s += row.slowest_s;
    }
    return result;
}

std::string stem_of(RunRequest const& request, GroupWork const& work)
{
    auto const name = file_stem(work.group_id);
    return (std::filesystem::path(request.out) / name / name).string();
}

ProductContext product_context(Travelled const& travelled, TeamContext const& context, GroupWork const& work,
                               Stopwatch const& watch)
{
    ProductContext about;
    about.stem = stem_of(context.request, work);
    about.run_id = context.run_id;
    about.code_version = code_version();
    about.config_text = context.request.job.configuration().dump();
    about.config_hash = key_of(context.request, work, is_host(context.device) ? "kokkos" : "cuda").config_hash;
    about.command_line = context.request.command_line;
    about.inputs = work.files;
    about.notes = travelled.notes;
    about.where = context.where;
    about.rank = context.world_rank;
    about.ranks = context.team.size();
    about.ledger = &travelled.ledger;
    about.ms = travelled.ms.get();
    about.wall_s = watch.seconds();
    about.started_utc = utc_now();
    return about;
}

/// After the road: products by all ranks, then one transaction by the leader.
WrittenProducts write_and_record(Travelled& travelled, std::optional<db::Claim> const& claim,
                                 TeamContext const& context, GroupWork const& work, Stopwatch const& watch)
{
    context.team.agree(attempt([&] {
        if (context.team.leader()) keep_claim(*context.session, *claim, "imaging");
    }));
    Stopwatch writing;
    auto const about = product_context(travelled, context, work, watch);
    auto const written = within("stage write", [&] { return write_products(travelled.state, about, context.team); });
    if (!context.team.leader()) return written;
    std::uint64_t bytes = 0;
    for (auto const& file : written.files) bytes += static_cast<std::uint64_t>(file.bytes);
    travelled.ledger.add("write", writing.seconds(), bytes);
    auto result = result_of(travelled, written, *claim, context, work);
    result.performance.total_s = watch.seconds();
    db::record_group_result(*context.session, result);
    return written;
}

void merge_ledgers(Travelled& travelled, Ranks const& team)
{
    auto const all = team.gather(travelled.ledger.json().dump());
    for (std::size_t rank = 1; rank < all.size(); ++rank)
        travelled.ledger.merge(Ledger::from_json(nlohmann::ordered_json::parse(all[rank])));
}

/// The stage that an error came out of, from its chain of contexts; "" where it came from none.
std::string stage_of(Error const& error)
{
    std::string const mark = "stage ";
    for (auto const& link : error.context())
        if (link.rfind(mark, 0) == 0) return link.substr(mark.size());
    return "";
}

GroupOutcome failed(GroupWork const& work, Error const& error)
{
    GroupOutcome outcome;
    outcome.end = error.code() == Code::transient ? GroupEnd::interrupted : GroupEnd::failed;
    outcome.failure = {work.group_id, stage_of(error), error.what(), exit_code(error.code())};
    return outcome;
}

}  // namespace

std::string file_stem(std::string const& group_id)
{
    std::string stem;
    for (char c : group_id)
        if (c != ':') stem += c == '/' ? '_' : c;
    return stem;
}

std::optional<ChosenSolutions> solutions_now(RunRequest const& request, db::Session& session,
                                             std::string const& group_id)
{
    auto const wish = solution_wish(request.job);
    if (!wish) return std::nullopt;
    return choose_solutions(session, *wish, group_id);
}

db::ResultKey key_of(RunRequest const& request, GroupWork const& work, std::string const& backend)
{
    auto configuration = request.job.configuration();
    configuration["backend"] = backend;
    if (work.solutions)
        for (auto const& file : work.solutions->files) configuration["solutions"].push_back(file.xxh128);
    for (auto const& file : data_files(request.job, work.telescope))
        configuration["data"].push_back({file.use, file.xxh128});
    return {work.files, db::hash_text(configuration.dump()), code_version()};
}

/// All files of a result stand in `out` as they were recorded.
bool stands(RunRequest const& request, GroupWork const& work, std::vector<db::ProductRow> const& products)
{
    auto const place = std::filesystem::path(stem_of(request, work)).parent_path();
    return !products.empty() && std::all_of(products.begin(), products.end(), [&](db::ProductRow const& product) {
        std::error_code missing;
        if (product.product == measurement_set_product)  // its users change it: flags, models, calibrated data
            return std::filesystem::equivalent(product.path, ms_path(request, work), missing) &&
                   std::filesystem::exists(product.path + "/table.dat", missing);
        if (!std::filesystem::equivalent(std::filesystem::path(product.path).parent_path(), place, missing))
            return false;
        auto const bytes = std::filesystem::file_size(product.path, missing);
        return !missing && bytes == static_cast<std::uintmax_t>(product.bytes) &&
               hash_file(product.path) == product.xxh128;
    });
}

bool is_done(RunRequest const& request, db::Session& session, GroupWork const& work, std::string const& backend)
{
    auto const unknown = [](db::InputFile const& file) { return file.xxh128.empty(); };
    if (std::any_of(work.files.begin(), work.files.end(), unknown)) return false;
    if (!request.keep_visibilities.empty()) return false;  // no result has them: the group is run for them again
    auto const results = db::done_already(session, work.group_id, key_of(request, work, backend));
    return std::any_of(results.begin(), results.end(),
                       [&](auto const& products) { return stands(request, work, products); });
}

/// Solutions may have been registered since the list was made; every rank of the team has the leader's choice.
GroupWork with_solutions(GroupWork work, TeamContext const& context)
{
    nlohmann::json choice;
    context.team.agree(attempt([&] {
        if (!context.team.leader()) return;
        auto const chosen = solutions_now(context.request, *context.session, work.group_id);
        if (chosen) choice = to_json(*chosen);
    }));
    choice = nlohmann::json::parse(context.team.broadcast(choice.dump()));
    if (!choice.is_null()) work.solutions = chosen_from_json(choice);
    return work;
}

GroupOutcome work_on(GroupWork work, TeamContext const& context)
{
    Stopwatch watch;
    std::optional<db::Claim> claim;
    GroupOutcome outcome;
    work = with_solutions(std::move(work), context);
    context.team.agree(attempt([&] {
        if (!context.team.leader()) return;
        claim = take_group(work, context, outcome);
        if (claim) warn_of_missing(work);
    }));
    if (!context.team.broadcast(std::int64_t(claim.has_value()))) {
        outcome.wall_s = watch.seconds();
        return outcome;
    }
    outcome.end = GroupEnd::done;
    auto travelled = travel(work, with_heartbeat(context, claim));
    merge_ledgers(travelled, context.team);
    auto const failure = travelled.failure ? travelled.failure : attempt([&] {
        auto const written = write_and_record(travelled, claim, context, work, watch);
        outcome.report_path = written.report_path;
        for (auto const& image : written.images)
            if (image.product == "dirty" || image.product == "image") outcome.noise_jy = image.noise_jy;
    });
    if (!context.team.leader()) return outcome;
    if (failure) {
        outcome = failed(work, *failure);
        if (outcome.end == GroupEnd::interrupted)
            db::release_claim(*context.session, *claim, failure->what());
        else
            db::fail_group(*context.session, *claim,
                           {outcome.failure.code, outcome.failure.stage, outcome.failure.message});
    }
    outcome.wall_s = watch.seconds();
    outcome.ledger_json = travelled.ledger.json().dump();
    return outcome;
}

}  // namespace nocturne
