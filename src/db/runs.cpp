// Runs as a whole: their start and their end.
#include "db/runs.hpp"

#include "db/run_fields.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <random>

namespace nocturne::db {

std::string make_run_id()
{
    std::time_t const now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 64> text{};
    std::random_device random;
    std::snprintf(text.data(), text.size(), "%04d%02d%02dT%02d%02d%02dZ-%08x", utc.tm_year + 1900, utc.tm_mon + 1,
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, random());
    return text.data();
}

std::string start_run(Session& session, RunStart const& start)
{
    auto const run_id = start.run_id.empty() ? make_run_id() : start.run_id;
    double const now = now_unix_s();
    Query query(
        session,
        "INSERT INTO runs (run_id, status, job_name, command_line, config, code_version, host, device, device_uuid, "
        "ranks, hpc_job_id, restart_count, spool, submitted_at, started_at, owner) VALUES (:id, :status, :job, "
        ":command, "
        ":config, :version, :host, :device, :uuid, :ranks, :hpc, :restarts, :spool, :submitted, :started, :owner) "
        "ON CONFLICT (run_id) DO NOTHING");
    query.bind(run_id).bind(name(RunStatus::running));
    bind_fields(query, start).bind(now).bind(now).bind(lease_owner()).run();
    return run_id;
}

void finish_run(Session& session, std::string const& run_id, RunEnd const& end)
{
    double const now = end.finished_s > 0 ? end.finished_s : now_unix_s();
    auto const changed =
        Query(session,
              "UPDATE runs SET status = :status, finished_at = :now, wall_time_s = :now2 - started_at, "
              "exit_code = :code, cpu_hours = :cpu, peak_memory_gb = :memory, error = :error "
              "WHERE run_id = :id")
            .bind(name(end.status))
            .bind(now)
            .bind(now)
            .bind(end.exit_code)
            .bind(end.cpu_hours)
            .bind(end.peak_memory_gb)
            .bind_text_or_null(end.error)
            .bind(run_id)
            .run();
    if (changed != 1)
        throw Error(Code::defect, "run " + run_id + " cannot be finished", "it is not in database " + session.path(),
                    "report this as a defect");
}

bool knows_run(Session& session, std::string const& run_id)
{
    Query query(session, "SELECT count(*) FROM runs WHERE run_id = :run");
    query.bind(run_id);
    auto const& n = query.integer();
    return query.fetch() && n.value > 0;
}

std::vector<std::string> spools_of_runs(Session& session)
{
    Query query(session, "SELECT DISTINCT spool FROM runs WHERE spool IS NOT NULL ORDER BY spool");
    auto& directory = query.text();
    std::vector<std::string> directories;
    while (query.fetch()) directories.push_back(directory.get());
    return directories;
}

}  // namespace nocturne::db
