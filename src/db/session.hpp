// The door to the database. Enters: an SQLite path (a postgresql:// URL is refused by name). Leaves: an open session with the
// newest schema. All errors are nocturne::Error and name the database file.
#pragma once

#include "nocturne/error.hpp"

#include <functional>
#include <memory>
#include <string>

namespace soci {
class session;
}

namespace nocturne::db {

/// What opening may do: make the file (verbs that write), or insist that it is there (verbs that read; where the file may not be
/// written, too).
enum class OpenMode { create, existing };

/// One connection. Movable; used by one thread at a time. Several processes and threads may each hold their own.
class Session {
public:
    /// Opens `where` in WAL mode with a busy timeout of 30 s, synchronous=FULL and foreign keys on, then brings the schema
    /// to the newest version. Throws Error: bad_config for a network file system (WAL needs shared memory) and for a
    /// postgresql:// URL; unavailable where the file is missing (OpenMode::existing), locked, corrupt or of a newer
    /// program; cannot_create where the directory does not take a file.
    static Session open(std::string const& where, OpenMode mode = OpenMode::create);

    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    /// The database file, absolute.
    std::string const& path() const;
    /// SOCI's session, for the queries of this room.
    soci::session& soci();

private:
    struct State;
    explicit Session(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// BEGIN IMMEDIATE on construction, ROLLBACK on destruction unless `commit()` was reached. Never nested.
class Transaction {
public:
    explicit Transaction(Session& session);
    ~Transaction();
    Transaction(Transaction const&) = delete;
    Transaction& operator=(Transaction const&) = delete;
    void commit();

private:
    Session& session_;
    bool open_ = true;
};

/// Runs `body`; what SOCI throws becomes an Error that names the database: disk full and I/O → io, read-only → cannot_create,
/// a broken constraint → defect, everything else (locked, corrupt, not a database) → unavailable.
void guarded(std::string const& database, std::string const& doing, std::function<void()> const& body);

/// Seconds since 1970-01-01 UTC.
double now_unix_s();

}  // namespace nocturne::db
