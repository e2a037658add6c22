// SQLite: how a file is opened, and what its result codes mean.
#pragma once

#include "db/backends.hpp"

#include <cstdint>
#include <string>

namespace nocturne::db {

/// Throws Error where SQLite cannot or must not be used at `path` (absolute).
void check_place(std::string const& path, OpenMode mode);
/// Opens and prepares a connection; throws what SOCI throws.
void connect_sqlite(soci::session& sql, std::string const& path, OpenMode mode);
/// Which file stands at a path; 0 where none does. SQLite goes on writing into one that was removed or replaced.
struct FileIdentity {
    std::uint64_t device = 0, inode = 0;
    bool operator==(FileIdentity const&) const = default;
};
FileIdentity identity_of(std::string const& path);
/// How long a statement waits where another process holds the file.
void wait_for_locks(soci::session& sql, double seconds);
/// Disk full and I/O → io, read-only → cannot_create, a broken constraint → defect, everything else → unavailable.
Verdict verdict_of_sqlite(int result);

}  // namespace nocturne::db
