// Housekeeping of the queue. Enters: time-outs, Slurm's jobs that are gone. Leaves: groups that wait again, or failed.
#include "db/queue.hpp"

#include "db/query.hpp"

#include <algorithm>

namespace nocturne::db {
namespace {

struct Silent {
    std::string group_id, owner, run_id;
    std::int64_t fence = 0;
};

std::vector<Silent> silent_groups(Session& session, double since_s)
{
    Query query(session,
                "SELECT group_id, lease_owner, run_id, fence FROM ingest_queue WHERE state = 'in_progress' AND "
                "last_update < :since ORDER BY group_id");
    query.bind(since_s);
    auto &id = query.text(), &owner = query.text(), &run = query.text();
    auto& fence = query.integer();
    std::vector<Silent> rows;
    while (query.fetch()) rows.push_back({id.get(), owner.get(), run.get(), fence.get()});
    return rows;
}

/// Back to pending, one failure counted; the claim is void.
bool take_back(Session& session, Silent const& group, std::string const& why, EndTeller const& tell)
{
    auto const moved =
        Query(session,
              "UPDATE ingest_queue SET state = 'pending', processing_stage = 'pending', lease_owner = NULL, "
              "lease_expires = NULL, retry_count = retry_count + 1, error = :why, last_update = :now "
              "WHERE group_id = :id AND state = 'in_progress' AND fence = :fence")
            .bind(why)
            .bind(now_unix_s())
            .bind(group.group_id)
            .bind(group.fence)
            .run();
    if (moved != 1) return false;
    auto const closed = Query(session,
                              "UPDATE group_runs SET status = 'CANCELLED', finished_at = :now, error = :why WHERE "
                              "run_id = :run AND group_id "
                              "= :id AND fence = :fence AND status = 'RUNNING'")
                            .bind(now_unix_s())
                            .bind(why)
                            .bind(group.run_id)
                            .bind(group.group_id)
                            .bind(group.fence)
                            .run();
    if (closed == 1 && tell) store_events_within(session, {tell({group.group_id, group.run_id, group.fence}, why)});
    return true;
}

/// Groups that were worked on before collect since their last change. Those that a person wants made again wait for their files until a person
/// settles them (awaits_files).
std::vector<std::string> expire_collecting(Session& session, double before_s)
{
    Query query(session,
                "UPDATE ingest_queue SET state = 'failed', processing_stage = 'failed', error = 'Collecting timeout', "
                "error_stage = 'collecting', error_code = :code, last_update = :now WHERE state = 'collecting' AND "
                "received_at < :before AND (fence = 0 OR last_update < :before2) AND NOT (n_subbands = 0 AND "
                "coalesce(error, '') LIKE :again) RETURNING group_id");
    query.bind(exit_code(Code::input_missing)).bind(now_unix_s()).bind(before_s).bind(before_s);
    query.bind(std::string(done_again) + "%");
    auto& id = query.text();
    std::vector<std::string> groups;
    while (query.fetch()) groups.push_back(id.get());
    std::sort(groups.begin(), groups.end());
    return groups;
}

/// Runs renew their claims once a minute: those that do live, on another cluster whose jobs this Slurm does not know.
constexpr double missed_heartbeats_s = 300;

/// Runs of a job that began or wait for it, but those of processes of this host that live: whoever asked Slurm may not see every job.
std::vector<std::string> runs_of_dead_job(Session& session, std::string const& job)
{
    Query query(session,
                "SELECT run_id, owner FROM runs WHERE hpc_job_id = :job AND status IN ('RUNNING', 'SUBMITTED') AND NOT "
                "EXISTS (SELECT 1 FROM ingest_queue q WHERE q.run_id = runs.run_id AND q.state = 'in_progress' AND "
                "q.last_update >= :since) ORDER BY run_id");
    query.bind(job).bind(now_unix_s() - missed_heartbeats_s);
    auto &run = query.text(), &owner = query.text();
    std::vector<std::string> runs;
    while (query.fetch())
        if (!is_here_and_alive(owner.get())) runs.push_back(run.get());
    return runs;
}

/// RUNNING → FAILED (true), SUBMITTED → CANCELLED (false): it never began. Nothing where it has ended meanwhile.
std::optional<bool> close_buried(Session& session, std::string const& run_id, std::string const& why)
{
    for (bool const began : {true, false}) {
        auto const closed =
            Query(session,
                  "UPDATE runs SET status = :to, error = :why, finished_at = :now WHERE run_id = :run AND status = "
                  ":from")
                .bind(began ? "FAILED" : "CANCELLED")
                .bind(why)
                .bind(now_unix_s())
                .bind(run_id)
                .bind(began ? "RUNNING" : "SUBMITTED")
                .run();
        if (closed == 1) return began;
    }
    return std::nullopt;
}

/// Groups of the runs of a job go back, unless somebody renews their claims; runs without such a group are closed.
void bury_job(Session& session, std::string const& job, EndTeller const& tell, HousekeepingReport& report)
{
    std::string const why = "Slurm knows job " + job + " no more";
    auto const runs = runs_of_dead_job(session, job);
    for (auto const& group : silent_groups(session, now_unix_s() - missed_heartbeats_s)) {
        bool const theirs = std::find(runs.begin(), runs.end(), group.run_id) != runs.end();
        if (!theirs || is_here_and_alive(group.owner)) continue;
        if (take_back(session, group, why, tell)) report.stale.push_back(group.group_id);
    }
    for (auto const& run : runs) {
        auto const began = close_buried(session, run, why);
        if (!began) continue;
        report.closed.push_back(run);
        if (*began && tell) store_events_within(session, {tell({"", run, 0}, why)});
    }
}

}  // namespace

std::vector<std::string> jobs_at_work(Session& session)
{
    Query query(session,
                "SELECT DISTINCT hpc_job_id FROM runs WHERE status IN ('RUNNING', 'SUBMITTED') AND hpc_job_id IS NOT "
                "NULL ORDER BY hpc_job_id");
    auto& job = query.text();
    std::vector<std::string> jobs;
    while (query.fetch()) jobs.push_back(job.get());
    return jobs;
}

HousekeepingReport keep_house(Session& session, HousekeepingArgs const& args)
{
    auto const silent_report = transact(session, [&] {
        HousekeepingReport report;
        double const now = now_unix_s();
        hold(session, Matter::recovery);
        for (auto const& group : silent_groups(session, now - args.in_progress_timeout_s)) {
            if (is_here_and_alive(group.owner)) continue;
            if (take_back(session, group, "Recovered by housekeeping", args.tell))
                report.stale.push_back(group.group_id);
        }
        for (auto const& job : args.dead_jobs) bury_job(session, job, args.tell, report);
        report.expired = expire_collecting(session, now - args.collecting_timeout_s);
        return report;
    });
    auto report = silent_report;
    report.abandoned = recover_abandoned(session, args.tell);
    return report;
}

std::vector<MoveTrial> try_all_moves(Session& session)
{
    using enum QueueState;
    std::vector<MoveTrial> trials;
    for (auto from : {collecting, pending, in_progress, completed, failed})
        for (auto to : {collecting, pending, in_progress, completed, failed}) {
            if (from == to) continue;
            Transaction const never_committed(session);
            Query(
                session,
                "INSERT INTO ingest_queue (group_id, state, received_at, last_update) VALUES ('a trial', :state, 0, 0)")
                .bind(name(from))
                .run();
            bool allowed = true;
            try {
                Query(session, "UPDATE ingest_queue SET state = :state WHERE group_id = 'a trial'")
                    .bind(name(to))
                    .run();
            } catch (Error const& refused) {
                if (refused.code() != Code::defect) throw;
                allowed = false;
            }
            trials.push_back({from, to, allowed});
        }
    return trials;
}

void make_silent(Session& session, std::string const& group_id, double age_s)
{
    double const then = now_unix_s() - age_s;
    Query(session, "UPDATE ingest_queue SET last_update = :then, lease_expires = :expired WHERE group_id = :id")
        .bind(then)
        .bind(then)
        .bind(group_id)
        .run();
}

}  // namespace nocturne::db
