// Enters: a filter, a run. Leaves: its rows.
#include "db/run_records.hpp"

#include "db/query.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/text.hpp"

#include <algorithm>

namespace nocturne::db {
namespace {

constexpr char const* run_columns =
    "SELECT run_id, status, job_name, command_line, code_version, host, device, device_uuid, hpc_job_id, error, ranks, "
    "restart_count, submitted_at, started_at, finished_at, wall_time_s, cpu_hours, peak_memory_gb, exit_code FROM "
    "runs ";

void check_status(std::string const& word)
{
    std::vector<std::string> words;
    for (int i = 0; i <= static_cast<int>(RunStatus::cancelled); ++i) words.push_back(name(static_cast<RunStatus>(i)));
    if (word.empty() || std::find(words.begin(), words.end(), word) != words.end()) return;
    throw Error(Code::usage, "status '" + word + "' is unknown", "it is none of " + join(words),
                "use one of them" + did_you_mean(word, words));
}

std::vector<RunRow> read_runs(Query& query)
{
    auto &id = query.text(), &status = query.text(), &job = query.text(), &command = query.text(),
         &version = query.text(), &host = query.text(), &device = query.text(), &uuid = query.text(),
         &hpc = query.text(), &error = query.text();
    auto &ranks = query.integer(), &restarts = query.integer();
    auto &submitted = query.real(), &started = query.real(), &finished = query.real(), &wall = query.real(),
         &cpu = query.real(), &memory = query.real();
    auto& code = query.integer();
    std::vector<RunRow> rows;
    while (query.fetch())
        rows.push_back({id.get(), status.get(), job.get(), command.get(), version.get(), host.get(), device.get(),
                        uuid.get(), hpc.get(), error.get(), ranks.get(1), restarts.get(), submitted.optional(),
                        started.optional(), finished.optional(), wall.optional(), cpu.optional(), memory.optional(),
                        code.null() ? std::nullopt : std::optional<std::int64_t>(code.value)});
    return rows;
}

std::vector<StageTiming> timings_of(Session& session, std::string const& run_id, std::string const& group_id)
{
    Query query(session,
                "SELECT stage, wall_s, bytes FROM stage_timings WHERE run_id = :run AND group_id = :id ORDER BY "
                "sequence");
    query.bind(run_id).bind(group_id);
    auto& stage = query.text();
    auto& wall = query.real();
    auto& bytes = query.integer();
    std::vector<StageTiming> stages;
    while (query.fetch()) stages.push_back({stage.get(), wall.get(), bytes.get()});
    return stages;
}

}  // namespace

std::vector<RunRow> list_runs(Session& session, RunFilter const& filter)
{
    check_status(filter.status);
    std::string where = "WHERE 1 = 1";
    if (!filter.run_id.empty()) where += " AND substr(run_id, 1, length(CAST(:a AS TEXT))) = :b";
    if (!filter.status.empty()) where += " AND status = :status";
    if (filter.since_s) where += " AND coalesce(started_at, submitted_at) >= :since";
    Query query(session, run_columns + where + " ORDER BY coalesce(started_at, submitted_at, 0) DESC, run_id DESC" +
                             (filter.limit >= 0 ? " LIMIT :limit" : ""));
    if (!filter.run_id.empty()) query.bind(filter.run_id).bind(filter.run_id);
    if (!filter.status.empty()) query.bind(filter.status);
    if (filter.since_s) query.bind(*filter.since_s);
    if (filter.limit >= 0) query.bind(filter.limit);
    return read_runs(query);
}

RunRow find_run(Session& session, std::string const& run_id)
{
    auto const found = list_runs(session, {run_id, "", std::nullopt, -1});
    for (auto const& run : found)
        if (run.run_id == run_id || found.size() == 1) return run;
    if (!found.empty())
        throw Error(Code::input_missing, "no single run '" + run_id + "'",
                    std::to_string(found.size()) + " runs begin so, the newest is " + found.front().run_id,
                    "give more of it");
    std::vector<std::string> known;
    for (auto const& run : list_runs(session, {"", "", std::nullopt, 1000})) known.push_back(run.run_id);
    throw Error(Code::input_missing, "no run '" + run_id + "'",
                "database " + session.path() + " has none of this id" + did_you_mean(run_id, known),
                "list them with nocturne runs list");
}

std::vector<GroupRunRow> groups_of_run(Session& session, std::string const& run_id)
{
    Query query(session,
                "SELECT group_id, status, host, error, error_stage, fence, error_code, started_at, finished_at FROM "
                "group_runs WHERE run_id = :run ORDER BY started_at, group_id");
    query.bind(run_id);
    auto &id = query.text(), &status = query.text(), &host = query.text(), &error = query.text(), &stage = query.text();
    auto &fence = query.integer(), &code = query.integer();
    auto &started = query.real(), &finished = query.real();
    std::vector<GroupRunRow> rows;
    while (query.fetch())
        rows.push_back({id.get(),
                        status.get(),
                        host.get(),
                        error.get(),
                        stage.get(),
                        fence.get(),
                        code.null() ? std::nullopt : std::optional<std::int64_t>(code.value),
                        started.optional(),
                        finished.optional(),
                        {}});
    for (auto& row : rows) row.stages = timings_of(session, run_id, row.group_id);
    return rows;
}

}  // namespace nocturne::db
