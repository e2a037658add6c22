// Enters: a database with any older schema. Leaves: the newest schema, or an Error and the schema as it was.
#include "db/migrations.hpp"

#include "db/hash.hpp"
#include "db/query.hpp"

namespace nocturne::db {
namespace {

constexpr char const* log_table =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, "
    "checksum TEXT NOT NULL, applied_at DOUBLE PRECISION NOT NULL)";

/// True where `step` is recorded already; a different checksum is an error.
bool recorded(Session& session, Migration const& step)
{
    Query query(session, "SELECT checksum FROM schema_migrations WHERE version = :version");
    query.bind(step.version);
    auto& checksum = query.text();
    if (!query.fetch()) return false;
    if (checksum.get() != checksum_of(step))
        throw Error(Code::unavailable, "database " + session.path() + " has another schema",
                    "migration " + std::to_string(step.version) + " was recorded with another checksum",
                    "use the program that made it, or a new database");
    return true;
}

void refuse_newer(Session& session, std::span<Migration const> steps)
{
    int const newest = steps.empty() ? 0 : steps.back().version;
    int const found = schema_version(session);
    if (found > newest)
        throw Error(Code::unavailable, "database " + session.path() + " was made by a newer program",
                    "schema " + std::to_string(found) + ", this program knows " + std::to_string(newest),
                    "use the newer program, or another database");
}

bool log_table_exists(Session& session)
{
    Query query(session, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'");
    auto& n = query.integer();
    return query.fetch() && n.get() > 0;
}

void apply(Session& session, Migration const& step, std::function<void()> const& before)
{
    Transaction transaction(session);
    if (recorded(session, step)) return;
    for (auto const& statement : statements_of(step.sql)) {
        if (before) before();
        Query(session, statement).run();
    }
    Query(session,
          "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (:version, :name, :sum, :at)")
        .bind(step.version)
        .bind(std::string(step.name))
        .bind(checksum_of(step))
        .bind(now_unix_s())
        .run();
    if (before) before();
    transaction.commit();
}

}  // namespace

std::vector<std::string> statements_of(std::string_view sql)
{
    std::vector<std::string> statements;
    std::string current;
    while (!sql.empty()) {
        auto const end = std::min(sql.find('\n'), sql.size() - 1) + 1;
        auto const line = sql.substr(0, end);
        sql.remove_prefix(end);
        if (current.empty() && line.find_first_not_of(" \n") == std::string_view::npos) continue;
        current += line;
        auto const last = line.find_last_not_of(" \n");
        if (last != std::string_view::npos && line[last] == ';') {
            statements.push_back(current.substr(0, current.find_last_of(';')));
            current.clear();
        }
    }
    return statements;
}

std::string checksum_of(Migration const& migration) { return hash_text(migration.sql); }

int schema_version(Session& session)
{
    if (!log_table_exists(session)) return 0;
    Query query(session, "SELECT max(version) FROM schema_migrations");
    auto& version = query.integer();
    return query.fetch() ? static_cast<int>(version.get(0)) : 0;
}

void migrate(Session& session, std::span<Migration const> steps, std::function<void()> const& before)
{
    if (schema_version(session) == 0) Query(session, log_table).run();
    refuse_newer(session, steps);
    int const have = schema_version(session);
    for (auto const& step : steps) {
        if (step.version <= have) {
            recorded(session, step);
            continue;
        }
        apply(session, step, before);
    }
}

}  // namespace nocturne::db
