// Enters: ids of runs and of Slurm's jobs. Leaves: rows of `runs`; every move is one UPDATE … WHERE status = expected.
#include "db/submitted_runs.hpp"

#include "db/group_ends.hpp"
#include "db/run_fields.hpp"

namespace nocturne::db {
namespace {

/// Returns their names.
std::vector<std::string> close_earlier_runs(Session& session, std::string const& hpc_job_id, int restart_count,
                                            std::string const& why)
{
    Query query(session,
                "UPDATE runs SET status = 'FAILED', error = :why, finished_at = :now "
                "WHERE hpc_job_id = :job AND restart_count < :restarts AND status = 'RUNNING' RETURNING run_id");
    query.bind(why).bind(now_unix_s()).bind(hpc_job_id).bind(restart_count);
    auto& id = query.text();
    std::vector<std::string> closed;
    while (query.fetch()) closed.push_back(id.get());
    return closed;
}

std::vector<Claim> held_by_earlier_runs(Session& session, std::string const& hpc_job_id, int restart_count)
{
    std::vector<Claim> held;
    Query query(session,
                "SELECT q.group_id, q.run_id, q.fence FROM ingest_queue q JOIN runs r ON r.run_id = q.run_id "
                "WHERE q.state = 'in_progress' AND r.hpc_job_id = :job AND r.restart_count < :restarts "
                "ORDER BY q.group_id");
    query.bind(hpc_job_id).bind(restart_count);
    auto &group = query.text(), &run = query.text();
    auto& fence = query.integer();
    while (query.fetch()) held.push_back({group.get(), run.get(), fence.get()});
    return held;
}

}  // namespace

void announce_runs(Session& session, std::vector<std::string> const& run_ids, RunStart const& about)
{
    transact(session, [&] {
        for (auto const& run_id : run_ids)
            Query(
                session,
                "INSERT INTO runs (run_id, status, job_name, command_line, config, code_version, ranks, submitted_at) "
                "VALUES (:id, 'PENDING', :job, :command, :config, :version, :ranks, :now) ON CONFLICT (run_id) DO "
                "NOTHING")
                .bind(run_id)
                .bind_text_or_null(about.job_name)
                .bind_text_or_null(about.command_line)
                .bind(about.config_json)
                .bind(about.code_version)
                .bind(about.ranks)
                .bind(now_unix_s())
                .run();
    });
}

void mark_submitted(Session& session, std::vector<std::string> const& run_ids, std::vector<std::string> const& hpc_ids)
{
    transact(session, [&] {
        for (std::size_t i = 0; i < run_ids.size(); ++i)
            Query(session,
                  "UPDATE runs SET status = 'SUBMITTED', hpc_job_id = :job WHERE run_id = :id AND status = 'PENDING'")
                .bind(hpc_ids.at(i))
                .bind(run_ids[i])
                .run();
    });
}

void cancel_announced(Session& session, std::vector<std::string> const& run_ids, std::string const& why)
{
    transact(session, [&] {
        for (auto const& run_id : run_ids)
            Query(session,
                  "UPDATE runs SET status = 'CANCELLED', error = :why, finished_at = :now "
                  "WHERE run_id = :id AND status IN ('PENDING', 'SUBMITTED')")
                .bind(why)
                .bind(now_unix_s())
                .bind(run_id)
                .run();
    });
}

std::optional<std::string> announced_configuration(Session& session, std::string const& run_id)
{
    Query query(session, "SELECT config FROM runs WHERE run_id = :id AND status IN ('PENDING', 'SUBMITTED')");
    query.bind(run_id);
    auto& config = query.text();
    return query.fetch() ? std::optional(config.get()) : std::nullopt;
}

bool begin_announced(Session& session, RunStart const& start)
{
    auto const owner = lease_owner();
    return transact(session, [&] {
        Query query(session,
                    "UPDATE runs SET status = 'RUNNING', job_name = :job, command_line = :command, config = :config, "
                    "code_version = :version, host = :host, device = :device, device_uuid = :uuid, ranks = :ranks, "
                    "hpc_job_id = :hpc, restart_count = :restarts, spool = :spool, started_at = :now, owner = :owner "
                    "WHERE run_id = :id AND (status IN ('PENDING', 'SUBMITTED') OR owner = :same)");
        return bind_fields(query, start).bind(now_unix_s()).bind(owner).bind(start.run_id).bind(owner).run() == 1;
    });
}

std::vector<std::string> recover_earlier(Session& session, std::string const& hpc_job_id, int restart_count,
                                         EndTeller const& tell)
{
    if (hpc_job_id.empty() || restart_count == 0) return {};
    std::string const why = "the job was started again by Slurm";
    return transact(session, [&] {
        std::vector<std::string> recovered;
        std::vector<EventRow> ends;
        for (auto const& claim : held_by_earlier_runs(session, hpc_job_id, restart_count)) {
            if (!give_back(session, claim, why)) continue;
            close_group_run(session, claim, "CANCELLED", {exit_code(Code::transient), "", why});
            if (tell) ends.push_back(tell(claim, why));
            recovered.push_back(claim.group_id);
        }
        for (auto const& run_id : close_earlier_runs(session, hpc_job_id, restart_count, why))
            if (tell) ends.push_back(tell({"", run_id, 0}, why));
        store_events_within(session, ends);
        return recovered;
    });
}

std::string hpc_job_of(Session& session, std::string const& run_id)
{
    Query query(session, "SELECT hpc_job_id FROM runs WHERE run_id = :id");
    query.bind(run_id);
    auto& job = query.text();
    return query.fetch() ? job.get() : "";
}

}  // namespace nocturne::db
