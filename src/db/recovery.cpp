// Enters: owners of claims and runs that are no more. Leaves: groups that wait again, runs that are closed, events that say so.
#include "db/recovery.hpp"

#include "db/group_ends.hpp"
#include "db/owners.hpp"
#include "db/query.hpp"

namespace nocturne::db {

namespace {

/// Claims whose process is gone, or silent on another host.
std::vector<Claim> abandoned_claims(Session& session)
{
    std::vector<Claim> dead;
    Query query(session,
                "SELECT group_id, run_id, fence, lease_owner, lease_expires FROM ingest_queue "
                "WHERE state = 'in_progress' ORDER BY group_id");
    auto &id = query.text(), &run = query.text();
    auto& fence = query.integer();
    auto& owner = query.text();
    auto& expires = query.real();
    while (query.fetch())
        if (abandoned(owner.get(), expires.get(0))) dead.push_back({id.get(), run.get(), fence.get()});
    return dead;
}

/// A run that is found dead did not end by itself; where it lives after all, finish_run has the last word.
bool close_run(Session& session, std::string const& run_id, std::string const& why)
{
    return Query(session,
                 "UPDATE runs SET status = 'FAILED', error = :why, finished_at = :now WHERE run_id = :run AND status = "
                 "'RUNNING' "
                 "AND NOT EXISTS (SELECT 1 FROM ingest_queue WHERE run_id = runs.run_id AND state = 'in_progress')")
               .bind(why)
               .bind(now_unix_s())
               .bind(run_id)
               .run() == 1;
}

/// Running ones whose leading process is gone, claims or not.
std::vector<std::string> dead_runs(Session& session)
{
    std::vector<std::string> dead;
    Query query(session, "SELECT run_id, owner FROM runs WHERE status = 'RUNNING' AND owner IS NOT NULL");
    auto &id = query.text(), &owner = query.text();
    while (query.fetch())
        if (!owner_alive(owner.get())) dead.push_back(id.get());
    return dead;
}

}  // namespace

std::vector<std::string> recover_abandoned(Session& session, EndTeller const& tell)
{
    Failure const why{exit_code(Code::transient), "", "its process ended without a word, or its lease ran out"};
    return transact(session, [&] {
        std::vector<std::string> recovered;
        std::vector<EventRow> ends;
        auto const close = [&](std::string const& run_id) {
            if (close_run(session, run_id, why.message) && tell) ends.push_back(tell({"", run_id, 0}, why.message));
        };
        hold(session, Matter::recovery);
        for (auto const& claim : abandoned_claims(session)) {
            if (!give_back(session, claim, why.message)) continue;
            close_group_run(session, claim, "CANCELLED", why);
            if (tell) ends.push_back(tell(claim, why.message));
            close(claim.run_id);
            recovered.push_back(claim.group_id);
        }
        for (auto const& run_id : dead_runs(session)) close(run_id);
        store_events_within(session, ends);
        return recovered;
    });
}

}  // namespace nocturne::db
