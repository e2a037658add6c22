// Who works on which group. Enters: a run and its owner. Leaves: claims; every move is one UPDATE … WHERE state = expected
// whose row count decides.
#include "db/deletions.hpp"
#include "db/group_ends.hpp"
#include "db/groups.hpp"
#include "db/owners.hpp"
#include "db/query.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace nocturne::db {
namespace {

constexpr char const* restarting =
    "ON CONFLICT (run_id, group_id) DO UPDATE SET status = 'RUNNING', fence = excluded.fence, started_at = "
    "excluded.started_at, finished_at = NULL, error = NULL, error_stage = NULL, error_code = NULL";

void record_starts(Session& session, std::vector<Claim> const& claims)
{
    constexpr std::size_t at_once = 500;
    for (std::size_t first = 0; first < claims.size(); first += at_once) {
        Query query(session, "");
        std::string rows;
        for (std::size_t i = first; i < std::min(claims.size(), first + at_once); ++i) {
            auto const n = std::to_string(i);
            rows += (rows.empty() ? "(:r" : ", (:r") + n + ", :g" + n + ", 'RUNNING', :f" + n + ", :t" + n + ")";
            query.bind(claims[i].run_id).bind(claims[i].group_id).bind(claims[i].fence).bind(now_unix_s());
        }
        query.set_text("INSERT INTO group_runs (run_id, group_id, status, fence, started_at) VALUES " + rows + " " +
                       restarting);
        query.run();
    }
}

/// The claims that the statement returned (group_id and fence), by rising group_id.
std::vector<Claim> read_claims(Query& query, std::string const& run_id)
{
    std::vector<Claim> claims;
    auto& id = query.text();
    auto& fence = query.integer();
    while (query.fetch()) claims.push_back({id.get(), run_id, fence.get()});
    std::sort(claims.begin(), claims.end(), [](Claim const& a, Claim const& b) { return a.group_id < b.group_id; });
    return claims;
}

/// The same, recorded as begun.
std::vector<Claim> taken_by(Session& session, Query& query, std::string const& run_id)
{
    auto claims = read_claims(query, run_id);
    record_starts(session, claims);
    return claims;
}

constexpr char const* taking =
    "state = 'in_progress', processing_stage = 'converting', run_id = :run, lease_owner = :owner, lease_expires = "
    ":expires, fence = fence + 1, last_update = :now ";

/// One claim is told from another of the same process by the time it was made.
struct LeaseMoment {
    double now = now_unix_s();
    double expires = 0;
    explicit LeaseMoment(double lease_s) : expires(now + lease_s) {}
};

Query& bind_taking(Query& query, ClaimArgs const& args, LeaseMoment const& moment)
{
    return query.bind(args.run_id).bind(args.owner).bind(moment.expires).bind(moment.now);
}

/// What this very claim has taken already: its commit took place, but the answer was lost.
std::vector<Claim> taken_before(Session& session, ClaimArgs const& args, LeaseMoment const& moment)
{
    Query query(session,
                "SELECT group_id, fence FROM ingest_queue WHERE state = 'in_progress' AND run_id = :run AND "
                "lease_owner = :owner AND last_update = :now");
    query.bind(args.run_id).bind(args.owner).bind(moment.now);
    return taken_by(session, query, args.run_id);
}

std::vector<Claim> take_one(Session& session, std::string const& group_id, ClaimArgs const& args,
                            LeaseMoment const& moment)
{
    auto const least = args.seen_fence.value_or(0);
    auto const most = args.seen_fence.value_or(std::numeric_limits<std::int64_t>::max());
    if (args.from == ClaimFrom::any_finished)
        Query(session,
              "UPDATE ingest_queue SET state = 'pending', last_update = :now WHERE group_id = :id AND fence >= :least "
              "AND "
              "fence <= :most AND state IN ('completed', 'failed') AND (processing_stage <> 'error' OR failed_key IS "
              "NOT NULL)")
            .bind(moment.now)
            .bind(group_id)
            .bind(least)
            .bind(most)
            .run();
    Query query(session, std::string("UPDATE ingest_queue SET ") + taking +
                             "WHERE group_id = :id AND fence >= :least AND fence <= :most AND state = 'pending' "
                             "RETURNING group_id, fence");
    bind_taking(query, args, moment).bind(group_id).bind(least).bind(most);
    return taken_by(session, query, args.run_id);
}

/// SQLite: one writer at a time, so nobody is in the way.
std::vector<Claim> take_next(Session& session, ClaimArgs const& args, LeaseMoment const& moment, int n)
{
    Query query(session, std::string("WITH chosen(id) AS MATERIALIZED (SELECT group_id FROM ingest_queue WHERE state = "
                                     "'pending' ORDER BY group_id LIMIT :n) UPDATE ingest_queue SET ") +
                             taking +
                             "FROM chosen WHERE group_id = chosen.id AND state = 'pending' RETURNING group_id, fence");
    bind_taking(query.bind(n), args, moment);
    return taken_by(session, query, args.run_id);
}

/// PostgreSQL: rows that another one is just taking are passed over; one statement, so one way to the server and back.
std::vector<Claim> take_next_of_shared(Session& session, ClaimArgs const& args, LeaseMoment const& moment, int n)
{
    Query query(session, std::string("WITH chosen(id) AS MATERIALIZED (SELECT group_id FROM ingest_queue WHERE state = "
                                     "'pending' ORDER BY group_id LIMIT :n FOR UPDATE SKIP LOCKED), taken AS (UPDATE "
                                     "ingest_queue SET ") +
                             taking +
                             "FROM chosen WHERE group_id = chosen.id AND state = 'pending' RETURNING group_id, run_id, "
                             "fence), started AS (INSERT INTO group_runs (run_id, group_id, status, fence, started_at) "
                             "SELECT run_id, group_id, 'RUNNING', fence, CAST(:at AS DOUBLE PRECISION) FROM taken " +
                             restarting + ") SELECT group_id, fence FROM taken");
    bind_taking(query.bind(n), args, moment).bind(moment.now).once();
    return read_claims(query, args.run_id);
}

/// `take` in one transaction; after a lost answer, what it took before.
template<class Take>
std::vector<Claim> take_once(Session& session, ClaimArgs const& args, Take const& take)
{
    LeaseMoment const moment(args.lease_s);
    bool again = false;
    return transact(session, [&] {
        auto const before = again ? taken_before(session, args, moment) : std::vector<Claim>{};
        again = true;
        return before.empty() ? take(moment) : before;
    });
}

/// One statement needs no transaction around it.
std::vector<Claim> claim_of_shared(Session& session, ClaimArgs const& args, int n)
{
    LeaseMoment const moment(args.lease_s);
    for (int attempt = 1;; ++attempt) {
        try {
            if (attempt > 1) {
                auto const before = transact(session, [&] { return taken_before(session, args, moment); });
                if (!before.empty()) return before;
            }
            return take_next_of_shared(session, args, moment, n);
        } catch (ConnectionLost const& lost) {
            session.reconnect(lost);
        } catch (TransactionConflict const& conflict) {
            pause_after(conflict, attempt);
        }
    }
}

/// True where a claim of this fence has ended its group so already: the answer to its first try was lost.
bool ended_so(Session& session, Claim const& claim, char const* status)
{
    Query query(session,
                "SELECT count(*) FROM group_runs WHERE run_id = :run AND group_id = :id AND fence = :fence AND status "
                "= :status");
    query.bind(claim.run_id).bind(claim.group_id).bind(claim.fence).bind(status);
    auto const& n = query.integer();
    return query.fetch() && n.value > 0;
}

}  // namespace

std::optional<Holder> holder_of(Session& session, std::string const& group_id)
{
    Query query(session, "SELECT run_id, lease_owner FROM ingest_queue WHERE group_id = :id AND state = 'in_progress'");
    query.bind(group_id);
    auto &run = query.text(), &owner = query.text();
    if (!query.fetch()) return std::nullopt;
    auto const parts = parse_owner(owner.get());
    return Holder{run.get(), parts ? "process " + std::to_string(parts->pid) + " on " + parts->host : owner.get()};
}

std::optional<Claim> held_claim(Session& session, std::string const& group_id, std::string const& run_id,
                                std::string const& owner)
{
    Query query(session,
                "SELECT fence FROM ingest_queue WHERE group_id = :id AND state = 'in_progress' AND run_id = :run AND "
                "lease_owner = :owner");
    query.bind(group_id).bind(run_id).bind(owner);
    auto& fence = query.integer();
    if (!query.fetch()) return std::nullopt;
    return Claim{group_id, run_id, fence.get()};
}

std::optional<std::int64_t> free_fence(Session& session, std::string const& group_id)
{
    Query query(session, "SELECT fence FROM ingest_queue WHERE group_id = :id AND state <> 'in_progress'");
    query.bind(group_id);
    auto& fence = query.integer();
    return query.fetch() ? std::optional(fence.get()) : std::nullopt;
}

std::optional<Claim> claim_group(Session& session, std::string const& group_id, ClaimArgs const& args)
{
    auto const claims =
        take_once(session, args, [&](LeaseMoment const& moment) { return take_one(session, group_id, args, moment); });
    return claims.empty() ? std::nullopt : std::optional(claims.front());
}

std::vector<Claim> claim_batch(Session& session, ClaimArgs const& args, int n)
{
    if (session.dialect() == Dialect::postgresql) return claim_of_shared(session, args, n);
    return take_once(session, args, [&](LeaseMoment const& moment) { return take_next(session, args, moment, n); });
}

std::optional<Claim> claim_next(Session& session, ClaimArgs const& args)
{
    auto const claims = claim_batch(session, args, 1);
    return claims.empty() ? std::nullopt : std::optional(claims.front());
}

bool renew_claim(Session& session, Claim const& claim, std::string const& stage, double lease_s)
{
    double const now = now_unix_s();
    return Query(session,
                 "UPDATE ingest_queue SET lease_expires = :expires, processing_stage = :stage, last_update = :now "
                 "WHERE group_id = :id AND state = 'in_progress' AND fence = :fence AND run_id = :run")
               .bind(now + lease_s)
               .bind(stage)
               .bind(now)
               .bind(claim.group_id)
               .bind(claim.fence)
               .bind(claim.run_id)
               .run() == 1;
}

bool release_claim(Session& session, Claim const& claim, std::string const& why)
{
    bool again = false;
    return transact(session, [&] {
        bool const asked_before = std::exchange(again, true);
        if (!give_back(session, claim, why)) return asked_before && ended_so(session, claim, "CANCELLED");
        close_group_run(session, claim, "CANCELLED", {exit_code(Code::transient), "", why});
        return true;
    });
}

namespace {

/// Its files went by `data reap` after the run saw them: its earlier result stands.
bool leave_as_it_was(Session& session, Claim const& claim, Failure const& failure)
{
    if (failure.code != exit_code(Code::input_missing) || !is_done_and_reaped(session, claim.group_id)) return false;
    auto const left =
        Query(session,
              "UPDATE ingest_queue SET state = 'completed', processing_stage = 'done', lease_owner = NULL, "
              "lease_expires = NULL, error = NULL, error_stage = NULL, error_code = NULL, last_update = :now WHERE "
              "group_id = :id AND state = 'in_progress' AND fence = :fence AND run_id = :run")
            .bind(now_unix_s())
            .bind(claim.group_id)
            .bind(claim.fence)
            .bind(claim.run_id)
            .run();
    if (left == 1) close_group_run(session, claim, "FAILED", failure);
    return left == 1;
}

}  // namespace

bool fail_group(Session& session, Claim const& claim, Failure const& failure)
{
    auto const counted = [](std::string const& name) {
        return "(CASE WHEN coalesce(failed_key, '') = :" + name + " THEN failures ELSE 0 END + 1)";
    };
    bool again = false;
    return transact(session, [&] {
        bool const asked_before = std::exchange(again, true);
        if (leave_as_it_was(session, claim, failure)) return true;
        auto const failed =
            Query(session,
                  "UPDATE ingest_queue SET state = 'failed', processing_stage = CASE WHEN CAST(:most AS BIGINT) "
                  "BETWEEN 1 AND " +
                      counted("before") + " THEN 'error' ELSE 'failed' END, failures = " + counted("so_far") +
                      ", failed_key = :key, lease_owner = NULL, lease_expires = NULL, retry_count = "
                      "retry_count + 1, error = :error, error_stage = :stage, error_code = :code, last_update "
                      "= :now WHERE group_id = :id AND state = 'in_progress' AND fence = :fence AND run_id = :run")
                .bind(failure.most)
                .bind(failure.key)
                .bind(failure.key)
                .bind_text_or_null(failure.key)
                .bind(failure.message)
                .bind_text_or_null(failure.stage)
                .bind(failure.code)
                .bind(now_unix_s())
                .bind(claim.group_id)
                .bind(claim.fence)
                .bind(claim.run_id)
                .run();
        if (failed != 1) return asked_before && ended_so(session, claim, "FAILED");
        close_group_run(session, claim, "FAILED", failure);
        return true;
    });
}

}  // namespace nocturne::db
