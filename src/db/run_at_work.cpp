// Enters: a directory. Leaves: the run that works on its files.
#include "db/deletions.hpp"
#include "db/owners.hpp"
#include "db/query.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace nocturne::db {
namespace {

constexpr double silence_s = 3600;

bool overlap(std::string const& one, std::string const& other)
{
    auto const a = one + "/", b = other + "/";
    return a.compare(0, b.size(), b) == 0 || b.compare(0, a.size(), a) == 0;
}

/// `heard_s`: its last sign of life.
bool lives(std::string const& owner, double heard_s)
{
    return is_here_and_alive(owner) || (owner_alive(owner) && heard_s > now_unix_s() - silence_s);
}

}  // namespace

std::optional<RunAtWork> run_at_work(Session& session, std::string const& directory)
{
    Query query(session,
                "SELECT r.run_id, r.owner, r.config, r.started_at, (SELECT max(last_update) FROM ingest_queue q WHERE "
                "q.run_id = r.run_id AND q.state = 'in_progress'), (SELECT max(coalesce(g.finished_at, g.started_at)) "
                "FROM group_runs g WHERE g.run_id = r.run_id) FROM runs r WHERE r.status = 'RUNNING' AND r.owner IS "
                "NOT NULL ORDER BY r.run_id");
    auto &run = query.text(), &owner = query.text(), &config = query.text();
    auto &started = query.real(), &claimed = query.real(), &ended = query.real();
    while (query.fetch()) {
        auto const about = nlohmann::json::parse(config.get(), nullptr, false);
        auto const incoming = about.is_object() ? about.value("incoming", "") : "";
        if (incoming.empty() || !overlap(incoming, directory)) continue;
        if (!lives(owner.get(), std::max({started.get(0), claimed.get(0), ended.get(0)}))) continue;
        auto const parts = parse_owner(owner.get());
        return RunAtWork{run.get(), parts ? "process " + std::to_string(parts->pid) + " on " + parts->host : ""};
    }
    return std::nullopt;
}

bool is_done_and_reaped(Session& session, std::string const& group_id)
{
    Query query(session,
                "SELECT count(*) FROM ingest_queue q WHERE q.group_id = :id AND EXISTS (SELECT 1 FROM deletion_log d "
                "WHERE d.group_id = q.group_id AND d.deleted_at IS NOT NULL) AND EXISTS (SELECT 1 FROM group_runs g "
                "WHERE g.group_id = q.group_id AND g.status = 'COMPLETED')");
    query.bind(group_id);
    auto const& n = query.integer();
    return query.fetch() && n.value > 0;
}

}  // namespace nocturne::db
