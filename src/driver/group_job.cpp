// Enters: a group's files. Leaves: its products and its record, or the reason why not. Nothing of a failed group stands under
// a final name.
#include "driver/group_job.hpp"

#include "driver/attempt.hpp"
#include "driver/calibration_json.hpp"
#include "driver/checkpoints.hpp"
#include "driver/data_files.hpp"
#include "driver/node_turns.hpp"
#include "driver/products.hpp"
#include "driver/record_keeper.hpp"
#include "driver/register_again.hpp"
#include "driver/retry.hpp"
#include "driver/stop_signal.hpp"
#include "driver/take_group.hpp"
#include "driver/tiers.hpp"
#include "driver/travel.hpp"
#include "io/hash.hpp"
#include "io/ms_reader.hpp"
#include "nocturne/utc_text.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// The set that an earlier run made belongs to this result, too.
void take_over(KeptSet const& kept, db::GroupResult& result)
{
    result.ms.path = kept.path;
    for (auto& stage : result.checkpoints)
        if (stage.product == measurement_set_product) stage.made_by = kept.run_id;
}

db::GroupResult result_of(Travelled const& travelled, WrittenProducts const& written, db::Claim const& claim,
                          TeamContext const& context, GroupWork const& work)
{
    auto const& state = travelled.state;
    db::GroupResult result;
    result.claim = claim;
    result.key = key_of(context.request.job, work, backend_of(context.device));
    result.checkpoints = checkpoints_of(context.request.job, work, backend_of(context.device));
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
    if (travelled.kept) take_over(*travelled.kept, result);
    if (auto const& use = state.calibration) {
        result.ms.cal_applied = true;
        result.calibration = {name(use->provenance),
                              to_json(*use).dump(-1, ' ', false, OrderedJson::error_handler_t::replace),
                              {},
                              !use->waived.empty()};
        for (auto const& file : use->files) result.calibration.paths.push_back(file.path);
    }
    if (!state.field_names.empty()) result.ms.field_name = state.field_names.front();
    if (!travelled.notes.empty())
        result.notes_json = OrderedJson(travelled.notes).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    result.flagging = travelled.attempts.is_null() ? "" : travelled.attempts.dump();
    result.science = !is_quicklook(tier_of(context.request.job));
    result.images = written.images;
    result.candidates = written.candidates;
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
    auto const tail = is_quicklook(tier_of(request.job)) ? "-quicklook" : "";
    return (std::filesystem::path(request.out) / name / (name + tail)).string();
}

ProductContext product_context(Travelled const& travelled, TeamContext const& context, GroupWork const& work,
                               Stopwatch const& watch)
{
    ProductContext about;
    about.stem = stem_of(context.request, work);
    about.tier = tier_of(context.request.job);
    about.detect_sigma = detect_sigma_of(context.request.job);
    about.run_id = context.run_id;
    about.code_version = code_version();
    about.config_text = context.request.job.configuration().dump();
    about.config_hash = key_of(context.request.job, work, backend_of(context.device)).config_hash;
    about.command_line = context.request.command_line;
    about.inputs = work.files;
    about.notes = travelled.notes;
    about.where = context.where;
    about.rank = context.world_rank;
    about.ranks = context.team.size();
    about.ledger = &travelled.ledger;
    about.ms = travelled.ms.get();
    about.solutions = travelled.self_calibrated                ? SolutionsKept::self_calibrated
                      : registration_wish(context.request.job) ? SolutionsKept::registered
                                                               : SolutionsKept::none;
    if (registration_wish(context.request.job)) about.quality = &*travelled.quality;
    for (auto const& tried : travelled.attempts.is_null() ? OrderedJson::array() : travelled.attempts["tried"])
        about.more.emplace_back("Flags", "strategy " + tried["strategy"].get<std::string>() + ": " +
                                             tried["verdict"].get<std::string>() + " " +
                                             tried["reason"].get<std::string>());
    about.wall_s = watch.seconds();
    about.started_utc = utc_now();
    return about;
}

/// The set that task register makes of the group's solutions.
std::vector<db::CalTableRow> registered_rows(Travelled const& travelled, WrittenProducts const& written,
                                             RunRequest const& run)
{
    LoadedSolutions made;
    made.tables = travelled.state.solutions;
    std::int64_t bytes = 0;
    for (auto const& file : written.files)
        if (file.product == solutions_product) made.file = {file.path, file.xxh128}, bytes = file.bytes;
    return rows_of(made, *travelled.quality, bytes, registration_of(made, run));
}

/// They are recorded with the result, or not at all.
std::vector<db::EventRow> events_of(Travelled const& travelled, WrittenProducts const& written, db::Claim const& claim,
                                    TeamContext const& context, double wall_s)
{
    auto& maker = context.keeper->events();
    std::int64_t bytes = 0;
    for (auto const& file : written.files) bytes += file.bytes;
    OrderedJson measured{
        {"products", written.files.size()}, {"bytes", bytes}, {"samples", travelled.state.counts.used}};
    for (auto const& image : written.images)
        if (std::isfinite(image.noise_jy)) measured["noise_jy"][image.product] = image.noise_jy;
    EventMetrics metrics;
    metrics.duration_s = wall_s;
    metrics.mem_max_mb = 1e3 * peak_memory_gb();
    std::vector<db::EventRow> events{maker.make(subject_of(claim), "metric", {}, measured)};
    for (auto& event : maker.group_finished(subject_of(claim), travelled.ledger, metrics, {}))
        events.push_back(std::move(event));
    return events;
}

/// After the road: products by all ranks, then one transaction by the leader.
WrittenProducts write_and_record(Travelled& travelled, std::optional<db::Claim> const& claim,
                                 TeamContext const& context, GroupWork const& work, Stopwatch const& watch)
{
    context.team.agree(attempt([&] {
        if (context.team.leader()) context.keeper->renew(*claim, "imaging");
    }));
    Stopwatch writing;
    auto about = product_context(travelled, context, work, watch);
    about.before_renaming = [&] { context.keeper->renew(*claim, "imaging"); };  // writing takes its time, too
    auto const written = within("stage write", [&] { return write_products(travelled.state, about, context.team); });
    if (!context.team.leader()) return written;
    std::uint64_t bytes = 0;
    for (auto const& file : written.files) bytes += static_cast<std::uint64_t>(file.bytes);
    travelled.ledger.add("write", writing.seconds(), bytes);
    auto result = result_of(travelled, written, *claim, context, work);
    result.performance.total_s = watch.seconds();
    if (about.quality) result.solutions = registered_rows(travelled, written, context.request);
    result.finished_s = db::now_unix_s();
    result.events = events_of(travelled, written, *claim, context, watch.seconds());
    context.keeper->record(result);
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
                                             db::GroupFacts const& group)
{
    auto const wish = solution_wish(request.job);
    if (!wish) return std::nullopt;
    return choose_solutions(session, *wish, place_of(group, *wish));
}

std::string backend_of(Device const& device) { return is_host(device) ? "kokkos" : "cuda"; }

db::ResultKey key_of(Job const& job, GroupWork const& work, std::string const& backend)
{
    auto configuration = job.configuration();
    configuration["backend"] = backend;
    if (work.solutions)
        for (auto const& file : work.solutions->files) configuration["solutions"].push_back(file.xxh128);
    for (auto const& file : data_files(job, work.telescope)) configuration["data"].push_back({file.use, file.xxh128});
    return {work.files, db::hash_text(configuration.dump()), code_version()};
}

/// All files of a result stand in `out` as they were recorded.
bool stands(RunRequest const& request, GroupWork const& work, std::vector<db::ProductRow> const& products)
{
    auto const place = std::filesystem::path(stem_of(request, work)).parent_path();
    return !products.empty() && std::all_of(products.begin(), products.end(), [&](db::ProductRow const& product) {
        std::error_code missing;
        if (product.product == measurement_set_product)  // its users change it: flags, models, calibrated data
            return stands_as_set(product, request, work);
        if (!std::filesystem::equivalent(std::filesystem::path(product.path).parent_path(), place, missing))
            return false;
        auto const bytes = std::filesystem::file_size(product.path, missing);
        return !missing && bytes == static_cast<std::uintmax_t>(product.bytes) &&
               hash_file(product.path) == product.xxh128;
    });
}

std::optional<std::vector<db::ProductRow>> finished_result(RunRequest const& request, db::Session& session,
                                                           GroupWork const& work, std::string const& backend)
{
    auto const unknown = [](db::InputFile const& file) { return file.xxh128.empty(); };
    if (std::any_of(work.files.begin(), work.files.end(), unknown)) return std::nullopt;
    if (!request.keep_visibilities.empty()) return std::nullopt;  // no result has them: the group is run for them again
    for (auto& products : db::done_already(session, work.group_id, key_of(request.job, work, backend)))
        if (stands(request, work, products)) return std::move(products);
    return std::nullopt;
}

bool is_done(RunRequest const& request, db::Session& session, GroupWork const& work, std::string const& backend)
{
    return finished_result(request, session, work, backend).has_value();
}

namespace {

/// A claim on the group, or in `outcome` why there is none. Solutions may have been registered since the list was made; every rank of the team has the
/// leader's choice.
std::optional<db::Claim> begin(GroupWork& work, TeamContext const& context, GroupOutcome& outcome)
{
    std::optional<db::Claim> claim;
    nlohmann::json choice;
    context.team.agree(attempt([&] {
        if (!context.team.leader()) return;
        bool const answered = context.keeper->ask([&](db::Session& session) {
            if (solution_wish(context.request.job)) {
                auto const facts = db::facts_of(session, {work.group_id});
                work.solutions = solutions_now(context.request, session, facts.at(work.group_id));
            }
            claim = take_group(work, context, session, outcome);
        });
        if (!answered) {
            outcome.end = GroupEnd::held;
            outcome.failure = {work.group_id, "", context.keeper->why_left(), exit_code(Code::transient)};
        }
        if (work.solutions) choice = to_json(*work.solutions);
        if (!claim) return;
        warn_of_missing(work);
        context.keeper->claimed();
        context.keeper->emit({context.keeper->events().make(
            subject_of(*claim), "started", {},
            {{"job", context.request.job.name}, {"host", context.where.host}, {"subbands", work.files.size()}})});
    }));
    choice = nlohmann::json::parse(context.team.broadcast(choice.dump()));
    if (!choice.is_null()) work.solutions = chosen_from_json(choice);
    return claim;
}

/// Where the policy of the task wants another try of this run, `outcome` says when.
void plan_retry(RetryPolicy const& policy, TeamContext const& context, GroupOutcome& outcome)
{
    auto const& f = outcome.failure;
    std::optional<db::GroupRow> group;
    context.keeper->ask_now([&](db::Session& session) { group = db::find_group(session, f.group_id); });
    if (!group) return;
    if (db::given_up(*group))
        spdlog::warn("{} failed {} times and is given up: nocturne queue retry {} brings it back", f.group_id,
                     group->failures, f.group_id);
    else
        outcome.again_in_s = pause_before_retry(policy, f, group->failures);
}

/// Given back where it was interrupted, else failed, and counted; on the leader.
void record_failure(GroupWork const& work, TeamContext const& context, db::Claim const& claim, GroupOutcome& outcome,
                    double wall_s)
{
    auto const& f = outcome.failure;
    bool const interrupted = outcome.end == GroupEnd::interrupted;
    EventMetrics metrics;
    metrics.duration_s = wall_s;
    auto const event = context.keeper->events().make(subject_of(claim), interrupted ? "canceled" : "error", metrics,
                                                     {{"code", f.code}, {"stage", f.stage}, {"message", f.message}});
    if (interrupted) return context.keeper->release({claim, f.message, {event}});
    auto const& policy = policy_for(context.request.job, f.stage);
    auto const obstacle = not_of_the_group(f);
    auto const key = text_of(key_of(context.request.job, work, backend_of(context.device))) +
                     (obstacle.empty() ? "" : " " + obstacle);
    if (context.keeper->fail({claim, {f.code, f.stage, f.message, key, obstacle.empty() ? policy.most : 0}, {event}}))
        plan_retry(policy, context, outcome);
}

/// Ranks that share a GPU, each with groups of its own, have its memory one after the other. Ranks of one team work on a group together, so they cannot.
NodeTurns::Turn turn_at_device(TeamContext const& context)
{
    bool const shared = context.team.size() == 1 && ranks_of_device(context.device) > 1;
    return NodeTurns::of_device(shared ? context.where.device_uuid : "", [] { return StopSignal::requested(); }).take();
}

}  // namespace

GroupOutcome work_on(GroupWork work, TeamContext const& context)
{
    Stopwatch watch;
    GroupOutcome outcome;
    auto const turn = turn_at_device(context);
    auto const claim = begin(work, context, outcome);
    if (!context.team.broadcast(std::int64_t(claim.has_value()))) {
        outcome.wall_s = watch.seconds();
        return outcome;
    }
    outcome.end = GroupEnd::done;
    auto travelled = travel(work, with_heartbeat(context, claim), agree_on_kept_set(work, context));
    merge_ledgers(travelled, context.team);
    auto const failure = travelled.failure ? travelled.failure : attempt([&] {
        auto const written = write_and_record(travelled, claim, context, work, watch);
        outcome.report_path = written.report_path;
        outcome.products = written.files;
        for (auto const& image : written.images)
            if (image.product == "dirty" || image.product == "image") outcome.noise_jy = image.noise_jy;
    });
    if (!context.team.leader()) return outcome;
    if (failure) {
        outcome = failed(work, *failure);
        record_failure(work, context, *claim, outcome, watch.seconds());
    }
    outcome.wall_s = watch.seconds();
    outcome.ledger_json = travelled.ledger.json().dump();
    return outcome;
}

}  // namespace nocturne
