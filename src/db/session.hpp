// The door to the database. Enters: an SQLite path or a postgresql:// address. Leaves: an open session with the newest schema. All
// errors are nocturne::Error and name the database, without its password.
#pragma once

#include "db/address.hpp"
#include "db/silence.hpp"
#include "nocturne/error.hpp"

#include <functional>
#include <memory>
#include <string>
#include <type_traits>

namespace soci {
class session;
}

namespace nocturne::db {

/// What opening may do: make the database or its tables (verbs that write), or insist that they are there (verbs that read; where
/// the file may not be written, too), or never write (copies).
enum class OpenMode { create, existing, reading };

/// The database does not serve us now: nobody is there, or another process holds it for too long. Later it may.
struct DatabaseAway : Error {
    using Error::Error;
};

/// The server went away, or closed the connection. Whether what was under way took place is not known.
struct ConnectionLost : DatabaseAway {
    using DatabaseAway::DatabaseAway;
};

/// The database broke the transaction off in favour of another one; nothing of it took place.
struct TransactionConflict : Error {
    using Error::Error;
};

/// One connection. Movable; used by one thread at a time. Several processes and threads may each hold their own.
class Session {
public:
    /// Brings the schema to the newest version after opening. SQLite: WAL mode with a busy timeout of 30 s, synchronous=FULL and
    /// foreign keys on. PostgreSQL: read committed, locks are waited for 30 s. Throws Error: bad_config for SQLite on a network
    /// file system (WAL needs shared memory), for a file of another program, and where this build has no PostgreSQL; unavailable where the file is missing
    /// (OpenMode::existing), locked, corrupt or of a newer program, or where the server does not answer or has no tables
    /// (OpenMode::existing); cannot_create where the directory does not take a file.
    /// `silence`: as `give_up_silence`, from the beginning.
    static Session open(std::string const& where, OpenMode mode = OpenMode::create, Silence silence = {});
    /// The same without a look at the schema: for those who see to it themselves.
    static Session connect(std::string const& where, OpenMode mode = OpenMode::create, Silence silence = {});

    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    /// The database file, absolute; of a server its address without the password.
    std::string const& path() const;
    Dialect dialect() const;
    /// SOCI's session, for the queries of this room.
    soci::session& soci();

    /// For how long a server that went away in the middle is waited for (15 s); of a file, for how long its lock (30 s).
    void set_patience_s(double seconds);
    /// A server that does not answer a statement for so long, or while the program is to end, counts as lost. Without it a statement may take any time.
    void give_up_silence(Silence silence);
    Silence const& silence() const;
    /// Connects again, trying for as long as the patience lasts; throws `why` where that was in vain or the database is a file.
    void reconnect(ConnectionLost const& why);
    bool in_transaction() const;

private:
    friend class Transaction;
    struct State;
    explicit Session(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Seconds that this machine's clock is ahead of the server's; 0 for SQLite, whose users share one clock.
double clock_ahead_s(Session& session);

/// True where the database takes a transaction that writes now.
bool serves(Session& session);

/// What a transaction sees of what others commit meanwhile, on PostgreSQL; on SQLite always one moment.
enum class Sight { as_it_goes, one_moment };

/// BEGIN IMMEDIATE (PostgreSQL: BEGIN) on construction, ROLLBACK on destruction unless `commit()` was reached. Never nested.
class Transaction {
public:
    explicit Transaction(Session& session, Sight sight = Sight::as_it_goes);
    ~Transaction();
    Transaction(Transaction const&) = delete;
    Transaction& operator=(Transaction const&) = delete;
    void commit();

private:
    Session& session_;
    bool open_ = true;
};

/// What only one transaction does at a time. SQLite has one writer anyway.
enum class Matter { schema, scan, registry, recovery };
/// Waits until no other transaction is about this matter, and keeps others from it until this one ends.
void hold(Session& session, Matter matter);
/// Locks the row of a group until the transaction ends, where it exists.
void hold_group(Session& session, std::string const& group_id);

/// Waits a moment before the `attempt`-th try of a transaction that met a conflict; throws `why` after ten.
void pause_after(TransactionConflict const& why, int attempt);

/// One transaction around `body`, committed when it returns, tried again where the connection was lost or another one won. A commit
/// whose answer was lost may have taken place: then `body` meets its own result, and must know it.
template<class Body>
auto transact(Session& session, Body const& body)
{
    for (int attempt = 1;; ++attempt) {
        try {
            Transaction transaction(session);
            if constexpr (std::is_void_v<decltype(body())>) {
                body();
                transaction.commit();
                return;
            } else {
                auto result = body();
                transaction.commit();
                return result;
            }
        } catch (ConnectionLost const& lost) {
            session.reconnect(lost);
        } catch (TransactionConflict const& conflict) {
            pause_after(conflict, attempt);
        }
    }
}

/// Runs `body`; what SOCI throws becomes an Error that names the database: disk full and I/O → io, read-only → cannot_create,
/// a broken constraint → defect, everything else (locked, corrupt, not a database, away) → unavailable. Where it may be better later it is a
/// DatabaseAway.
void guarded(std::string const& database, std::string const& doing, std::function<void()> const& body);

/// Seconds since 1970-01-01 UTC.
double now_unix_s();

}  // namespace nocturne::db
