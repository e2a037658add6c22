// The schema, as numbered steps that only go forward. A step that was released is never edited: its checksum is recorded.
#pragma once

#include "db/session.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nocturne::db {

struct Migration {
    int version;
    std::string_view name;
    std::string_view sql;  ///< statements, each ended by ";" at the end of a line
};

/// All steps of this program, by rising version from 1.
std::span<Migration const> migrations();

/// The statements of one step, comments kept.
std::vector<std::string> statements_of(std::string_view sql);

/// False for a statement that begins with "-- sqlite" or "-- postgresql" where the database is of the other kind.
bool is_for(std::string const& statement, Dialect dialect);

/// A statement of a step as the database takes it. PostgreSQL: identities are BIGINT, and texts are compared byte by byte as SQLite
/// does it. Checksums are of the text itself.
std::string in_dialect(std::string statement, Dialect dialect);

/// xxh3-128 of the text of a step, 32 hex digits.
std::string checksum_of(Migration const& migration);

/// Applies what is missing of `steps`, each in one transaction, safe when several processes do it at once. `before` is called
/// before each statement (fault injection). Throws Error(unavailable) where the database is of a newer program, or where a
/// recorded step has another checksum.
void migrate(Session& session, std::span<Migration const> steps, std::function<void()> const& before = {});

/// The newest step recorded; 0 for an empty database.
int schema_version(Session& session);

}  // namespace nocturne::db
