// Enters: where a database is. Leaves: a session with the newest schema; transactions; errors that name the database.
#include "db/session.hpp"

#include "db/migrations.hpp"
#include "db/postgresql.hpp"
#include "db/query.hpp"
#include "db/silence.hpp"
#include "db/sqlite.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

namespace nocturne::db {
namespace {

void sleep_s(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

Verdict verdict_of(soci::soci_error const& error)
{
    if (auto const* sqlite = dynamic_cast<soci::sqlite3_soci_error const*>(&error))
        return verdict_of_sqlite(sqlite->result());
    if (auto const verdict = verdict_of_postgresql(error)) return *verdict;
    if (error.get_error_message().find("not connected") !=
        std::string::npos)  // SOCI's, after a reconnection that failed
        return {Code::unavailable, "see whether the server runs, then run the same command again", Trouble::lost};
    return {Code::unavailable, "check the database and its server"};
}

/// The first line of what a library says, without what SOCI adds about the query and its values.
std::string told_by(soci::soci_error const& error)
{
    std::string text = without_password(error.get_error_message());
    for (char& c : text)
        if (c == '\n') c = ' ';
    while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
    return text;
}

constexpr int idle_s = 120, idle_of_a_run_s = 20;  ///< the latter below the 30 s for which others wait for a lock

}  // namespace

struct Session::State {
    std::string where;  ///< with the password
    std::string path;
    Dialect dialect = Dialect::sqlite;
    OpenMode mode = OpenMode::create;
    double patience_s = 15;
    bool in_transaction = false;
    Silence silence;
    soci::session sql;
    FileIdentity file;  ///< of SQLite, as it was opened

    void connect()
    {
        if (dialect == Dialect::sqlite)
            connect_sqlite(sql, path, mode), file = identity_of(path);
        else
            connect_postgresql(sql, where, silence.stop ? idle_of_a_run_s : idle_s);
    }
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::string const& Session::path() const { return state_->path; }
Dialect Session::dialect() const { return state_->dialect; }
soci::session& Session::soci() { return state_->sql; }
bool Session::in_transaction() const { return state_->in_transaction; }

void Session::set_patience_s(double seconds)
{
    state_->patience_s = seconds;
    if (state_->dialect == Dialect::sqlite)
        guarded(state_->path, "open", [&] { wait_for_locks(state_->sql, seconds); });
}

void Session::give_up_silence(Silence silence) { state_->silence = std::move(silence); }
Silence const& Session::silence() const { return state_->silence; }

Session Session::connect(std::string const& where, OpenMode mode, Silence silence)
{
    auto state = std::make_unique<State>();
    state->silence = std::move(silence);
    state->where = where;
    state->dialect = dialect_of(where);
    state->mode = mode;
    if (state->dialect == Dialect::sqlite) {
        state->path = std::filesystem::absolute(where).lexically_normal().string();
        check_place(state->path, mode);
    } else {
        state->path = without_password(where);
    }
    guarded(state->path, "open", [&] { state->connect(); });
    return Session(std::move(state));
}

namespace {

/// Tables of ours that this role may not read: information_schema does not name them.
bool tables_out_of_sight(Session& session)
{
    Query query(session,
                "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'ingest_queue' AND relkind IN ('r', 'p') AND "
                "NOT (has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(oid, 'SELECT'))");
    auto& n = query.integer();
    return query.fetch() && n.get() > 0;
}

}  // namespace

Session Session::open(std::string const& where, OpenMode mode, Silence silence)
{
    auto session = connect(where, mode, std::move(silence));
    if (session.dialect() == Dialect::postgresql && schema_version(session) == 0) {
        if (tables_out_of_sight(session))
            throw Error(
                Code::unavailable, "no tables to be seen in database " + session.path(),
                "they are there, and its role has no right to read them",
                "have their owner GRANT it SELECT on them (INSERT, UPDATE and DELETE to work on groups) and USAGE "
                "on their schema, or name another role");
        if (mode == OpenMode::existing)
            throw Error(Code::unavailable, "no tables in database " + session.path(), "nobody has made them yet",
                        "make them with 'nocturne db init', or name another database with --db");
    }
    migrate(session, migrations());
    return session;
}

void Session::reconnect(ConnectionLost const& why)
{
    using Clock = std::chrono::steady_clock;
    auto const give_up = Clock::now() + std::chrono::duration<double>(state_->patience_s);
    state_->in_transaction = false;
    if (state_->dialect == Dialect::sqlite) throw why;
    for (double pause_s = 0.05;; pause_s = std::min(2 * pause_s, 2.0)) {
        if (state_->silence.stop && state_->silence.stop()) throw why;
        try {
            state_->sql.close();
            state_->connect();
            return;
        } catch (soci::soci_error const& error) {
            if (Clock::now() >= give_up) throw why;
        }
        sleep_s(pause_s);
    }
}

double clock_ahead_s(Session& session)
{
    if (session.dialect() == Dialect::sqlite) return 0;
    double const before = now_unix_s();
    Query query(session, "SELECT CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)");
    auto const& server = query.real();
    query.fetch();
    return 0.5 * (before + now_unix_s()) - server.value;
}

bool serves(Session& session)
{
    try {
        Transaction trial(session);
        bool writes = true;
        guarded(session.path(), "write", [&] {
            if (session.dialect() == Dialect::sqlite)  // a page that is written: a disk may be full
                ask(session.soci(), "PRAGMA user_version=" + ask(session.soci(), "PRAGMA user_version"));
            else  // a standby takes transactions, too
                writes = ask_in_time(session, "SHOW transaction_read_only") == "off";
        });
        trial.commit();
        return writes;
    } catch (DatabaseAway const&) {
        return false;
    }
}

Transaction::Transaction(Session& session, Sight sight) : session_(session)
{
    bool const sqlite = session.dialect() == Dialect::sqlite;
    if (sqlite && identity_of(session_.path()) != session_.state_->file)
        throw DatabaseAway(Code::unavailable, "database " + session_.path() + " is gone",
                           "its file was removed, moved or replaced while it was in use",
                           "bring it back, then run the same command again");
    auto const begin = sqlite                       ? "BEGIN IMMEDIATE"
                       : sight == Sight::one_moment ? "BEGIN ISOLATION LEVEL REPEATABLE READ"
                                                    : "BEGIN";
    guarded(session_.path(), "begin", [&] { ask_in_time(session_, begin); });
    session_.state_->in_transaction = true;
}

Transaction::~Transaction()
{
    if (!open_) return;
    session_.state_->in_transaction = false;
    try {
        ask_in_time(session_, "ROLLBACK");
    } catch (soci::soci_error const&) {
        open_ = false;  // the database has rolled back by itself (disk full, connection gone): nothing is left to undo
    }
}

void Transaction::commit()
{
    guarded(session_.path(), "commit", [&] { ask_in_time(session_, "COMMIT"); });
    session_.state_->in_transaction = false;
    open_ = false;
}

void hold(Session& session, Matter matter)
{
    if (session.dialect() == Dialect::sqlite) return;
    constexpr std::int64_t ours = 0x6E6F6374;  // "noct": apart from other programs' locks
    Query query(session, "SELECT pg_advisory_xact_lock(:ours, :matter)");
    query.bind(ours).bind(static_cast<std::int64_t>(matter));
    query.text();
    query.fetch();
}

void hold_group(Session& session, std::string const& group_id)
{
    if (session.dialect() == Dialect::sqlite) return;
    Query query(session, "SELECT group_id FROM ingest_queue WHERE group_id = :id FOR UPDATE");
    query.bind(group_id);
    query.text();
    query.fetch();
}

void pause_after(TransactionConflict const& why, int attempt)
{
    if (attempt >= 10) throw why;
    sleep_s(0.01 * attempt);
}

void guarded(std::string const& database, std::string const& doing, std::function<void()> const& body)
{
    try {
        body();
    } catch (soci::soci_error const& error) {
        auto const verdict = verdict_of(error);
        auto const problem = "database " + database + ": " + doing + " failed";
        if (verdict.trouble == Trouble::lost)
            throw ConnectionLost(verdict.code, problem, told_by(error), verdict.advice);
        if (verdict.trouble == Trouble::conflict)
            throw TransactionConflict(verdict.code, problem, told_by(error), verdict.advice);
        if (verdict.trouble == Trouble::away) throw DatabaseAway(verdict.code, problem, told_by(error), verdict.advice);
        throw Error(verdict.code, problem, told_by(error), verdict.advice);
    }
}

double now_unix_s()
{
    using namespace std::chrono;
    return duration<double>(system_clock::now().time_since_epoch()).count();
}

}  // namespace nocturne::db
