// Enters: what a person asks of the queue. Leaves: rows, or one checked move.
#include "db/queue.hpp"

#include "db/group_rows.hpp"
#include "nocturne/nearest.hpp"

namespace nocturne::db {
namespace {

/// Why a move of a group did not take place: it is not there, or its state is another.
[[noreturn]] void refuse(Session& session, std::string const& group_id, std::string const& wish,
                         std::string const& advice)
{
    auto const found = find_group(session, group_id);
    if (found)
        throw Error(Code::bad_input, "cannot " + wish + " group " + group_id,
                    std::string("its state is ") + name(found->state), advice);
    std::vector<std::string> known;
    for (auto const& row : list_groups(session, {std::nullopt, std::nullopt, std::nullopt, 1000}))
        known.push_back(row.group_id);
    throw Error(Code::input_missing, "cannot " + wish + " group " + group_id,
                "database " + session.path() + " knows no such group" + did_you_mean(group_id, known),
                "list them with nocturne groups");
}

void close_run_of_group(Session& session, std::string const& group_id, std::string const& why)
{
    Query(
        session,
        "UPDATE group_runs SET status = 'CANCELLED', finished_at = :now, error = :why WHERE group_id = :id AND status "
        "= 'RUNNING'")
        .bind(now_unix_s())
        .bind(why)
        .bind(group_id)
        .run();
}

}  // namespace

std::vector<QueueRow> list_queue(Session& session, QueueFilter const& filter)
{
    std::string where = " WHERE 1 = 1";
    if (!filter.group_id.empty()) where += " AND q.group_id = :id";
    if (filter.state) where += " AND q.state = :state";
    Query query(session, "SELECT " + group_columns("q.") +
                             ", q.lease_owner, q.lease_expires, q.fence, r.hpc_job_id FROM ingest_queue q LEFT JOIN "
                             "runs r ON r.run_id = q.run_id" +
                             where + " ORDER BY q.group_id" + (filter.limit >= 0 ? " LIMIT :limit" : ""));
    if (!filter.group_id.empty()) query.bind(filter.group_id);
    if (filter.state) query.bind(name(*filter.state));
    if (filter.limit >= 0) query.bind(filter.limit);
    GroupRows const reader(query);
    auto& owner = query.text();
    auto& expires = query.real();
    auto& fence = query.integer();
    auto& job = query.text();
    std::vector<QueueRow> rows;
    while (query.fetch()) rows.push_back({reader.row(), owner.get(), expires.optional(), fence.get(), job.get()});
    return rows;
}

std::vector<std::pair<std::string, std::int64_t>> count_states(Session& session)
{
    Query query(session, "SELECT state, count(*) FROM ingest_queue GROUP BY state ORDER BY state");
    auto& state = query.text();
    auto& n = query.integer();
    std::vector<std::pair<std::string, std::int64_t>> counts;
    while (query.fetch()) counts.emplace_back(state.get(), n.get());
    return counts;
}

std::vector<StatusChange> history_of(Session& session, std::string const& entity, std::string const& id)
{
    Query query(
        session,
        "SELECT status, at, run_id, detail FROM status_history WHERE entity = :entity AND entity_id = :id ORDER "
        "BY id");
    query.bind(entity).bind(id);
    auto& status = query.text();
    auto& at = query.real();
    auto &run = query.text(), &detail = query.text();
    std::vector<StatusChange> changes;
    while (query.fetch()) changes.push_back({status.get(), at.get(), run.get(), detail.get()});
    return changes;
}

std::string hand_owner(std::string const& user) { return "by hand, " + user; }

void retry_group(Session& session, std::string const& group_id, Force force)
{
    transact(session, [&] {
        std::string const states = force == Force::yes ? "('failed', 'in_progress')" : "('failed')";
        auto const moved =
            Query(session,
                  "UPDATE ingest_queue SET state = 'pending', processing_stage = 'pending', lease_owner = NULL, "
                  "lease_expires = NULL, error = NULL, error_stage = NULL, error_code = NULL, failures = 0, failed_key "
                  "= NULL, fence = fence + 1, last_update = :now WHERE "
                  "group_id = :id AND state IN " +
                      states)
                .bind(now_unix_s())
                .bind(group_id)
                .run();
        if (moved != 1)
            refuse(session, group_id, "retry",
                   "only failed groups are retried; 'queue reprocess' does finished ones again, --force takes one from "
                   "whoever holds it");
        close_run_of_group(session, group_id, "taken away by hand");
    });
}

void resolve_group(Session& session, std::string const& group_id, std::string const& note)
{
    transact(session, [&] {
        Query(session,  // a move of the state notes itself
              "INSERT INTO status_history (entity, entity_id, status, at, run_id, detail) SELECT 'group', group_id, "
              "state, :now, run_id, :note FROM ingest_queue WHERE group_id = :id AND state = 'failed'")
            .bind(now_unix_s())
            .bind("settled by hand" + (note.empty() ? "" : ": " + note))
            .bind(group_id)
            .run();
        auto const moved =
            Query(session,
                  "UPDATE ingest_queue SET processing_stage = 'error', failed_key = NULL, error = coalesce(:note, "
                  "error), last_update = :now, state = 'failed' WHERE group_id = :id AND (state = 'failed' OR (state = "
                  "'collecting' AND (n_subbands = 0 OR error LIKE :again)))")
                .bind_text_or_null(note)
                .bind(now_unix_s())
                .bind(group_id)
                .bind(std::string(done_again) + "%")
                .run();
        if (moved != 1) refuse(session, group_id, "resolve", "only failed groups need it");
    });
}

namespace {

/// Every stage of what was made of the group, in order.
std::string stages_of(Session& session, std::string const& group_id)
{
    Query query(session,
                "SELECT DISTINCT sequence, stage FROM checkpoints WHERE group_id = :id ORDER BY sequence, stage");
    query.bind(group_id);
    query.integer();
    auto& stage = query.text();
    std::string all;
    while (query.fetch())
        if (all.find(stage.get()) == std::string::npos) all += (all.empty() ? "" : ", ") + stage.get();
    return all;
}

/// Results that went through stage `from` ("": all) serve no more as done, nor what that stage and later ones kept; they stay listed.
/// True where there are such.
bool void_results(Session& session, std::string const& group_id, std::string const& from)
{
    if (from.empty()) {
        Query(session, "UPDATE checkpoints SET key = NULL WHERE group_id = :id").bind(group_id).run();
        Query(session, "UPDATE group_runs SET config_hash = NULL WHERE group_id = :id AND status = 'COMPLETED'")
            .bind(group_id)
            .run();
        return true;
    }
    auto const touched =
        Query(
            session,
            "UPDATE group_runs SET config_hash = NULL WHERE group_id = :id AND status = 'COMPLETED' AND EXISTS (SELECT "
            "1 FROM checkpoints c WHERE c.run_id = group_runs.run_id AND c.group_id = group_runs.group_id AND c.stage "
            "= "
            ":stage)")
            .bind(group_id)
            .bind(from)
            .run();
    Query(
        session,
        "UPDATE checkpoints SET key = NULL WHERE group_id = :id AND sequence >= (SELECT min(sequence) FROM checkpoints "
        "c WHERE c.run_id = checkpoints.run_id AND c.group_id = checkpoints.group_id AND c.stage = :stage)")
        .bind(group_id)
        .bind(from)
        .run();
    return touched > 0;
}

}  // namespace

void reprocess_group(Session& session, std::string const& group_id, std::string const& from)
{
    std::string const why = done_again + (from.empty() ? std::string() : " from " + from);
    double const now = now_unix_s();
    transact(session, [&] {
        auto const moved =
            Query(
                session,
                "UPDATE ingest_queue SET state = 'pending', processing_stage = 'pending', retry_count = retry_count + "
                "1, fence = fence + 1, error = :why, error_stage = NULL, error_code = NULL, failures = 0, failed_key = "
                "NULL, "
                "last_update = :now WHERE group_id = :id AND state IN ('completed', 'failed')")
                .bind(why)
                .bind(now)
                .bind(group_id)
                .run();
        if (moved != 1)
            refuse(session, group_id, "reprocess", "wait until it is completed or failed, or see nocturne queue show");
        if (void_results(session, group_id, from)) return;
        auto const stages = stages_of(session, group_id);
        throw Error(Code::bad_input, "cannot reprocess group " + group_id + " from " + from,
                    stages.empty() ? "no result of it says which stages it went through"
                                   : "what was made of it went through " + stages,
                    "name one of its stages, or leave --from away: then all is made again");
    });
}

}  // namespace nocturne::db
