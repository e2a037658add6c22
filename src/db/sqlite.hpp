// SQLite: how a file is opened, and what its result codes mean.
#pragma once

#include "db/backends.hpp"

namespace nocturne::db {

/// Throws Error where SQLite cannot or must not be used at `path` (absolute).
void check_place(std::string const& path, OpenMode mode);
/// Opens and prepares a connection; throws what SOCI throws.
void connect_sqlite(soci::session& sql, std::string const& path, OpenMode mode);
/// How long a statement waits where another process holds the file.
void wait_for_locks(soci::session& sql, double seconds);
/// Disk full and I/O → io, read-only → cannot_create, a broken constraint → defect, everything else → unavailable.
Verdict verdict_of_sqlite(int result);

}  // namespace nocturne::db
