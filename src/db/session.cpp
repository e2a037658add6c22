// Enters: the path of a database. Leaves: a session with WAL, synchronous=FULL, foreign keys and the newest schema.
#include "db/session.hpp"

#include "db/file_system.hpp"
#include "db/migrations.hpp"
#include "db/query.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <unistd.h>

namespace nocturne::db {
namespace {

constexpr int busy_timeout_s = 30;

// Primary result codes, https://www.sqlite.org/rescode.html
enum SqliteResult {
    sqlite_busy = 5,
    sqlite_locked = 6,
    sqlite_readonly = 8,
    sqlite_ioerr = 10,
    sqlite_corrupt = 11,
    sqlite_full = 13,
    sqlite_cantopen = 14,
    sqlite_constraint = 19,
    sqlite_notadb = 26
};

struct Verdict {
    Code code;
    char const* advice;
};

Verdict verdict_of(int result)
{
    switch (result & 0xFF) {
        case sqlite_busy:
        case sqlite_locked:
            return {Code::unavailable, "another process holds the database; run the same command again"};
        case sqlite_readonly:
        case sqlite_cantopen:
            return {Code::cannot_create, "make the file and its directory writable"};
        case sqlite_ioerr:
            return {Code::io, "check the disk that holds the database"};
        case sqlite_full:
            return {Code::io, "free space on the disk that holds the database"};
        case sqlite_constraint:
            return {Code::defect, "report this as a defect, with the command line"};
        case sqlite_corrupt:
        case sqlite_notadb:
            return {Code::unavailable, "this is no sound database: restore a copy or name another file"};
        default:
            return {Code::unavailable, "check the file, its permissions and its disk"};
    }
}

/// SOCI's connect string for SQLite: the path itself, or dbname="…" where the path holds a '='.
std::string connect_string(std::string const& path)
{
    if (path.find('=') == std::string::npos) return path;
    if (path.find('"') != std::string::npos)
        throw Error(Code::bad_config, "cannot open database " + path, "its path holds both '=' and '\"'", "rename it");
    return "dbname=\"" + path + "\"";
}

/// What may only be read: without a lock file where none can be made, for then no one can be writing either.
std::string read_only_string(std::string const& path)
{
    std::string address;
    for (char c : path) {
        char code[4];
        std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
        address += c == '%' || c == '?' || c == '#' || c == '"' ? std::string(code) : std::string(1, c);
    }
    std::error_code odd;
    auto const parent = std::filesystem::path(path).parent_path();
    bool const shared = access(parent.c_str(), W_OK) == 0 || std::filesystem::exists(path + "-wal", odd);
    return "dbname=\"file:" + address + (shared ? "" : "?immutable=1") + "\" readonly=true";
}

void refuse_url(std::string const& where)
{
    if (where.rfind("postgresql://", 0) != 0 && where.rfind("postgres://", 0) != 0) return;
    throw Error(Code::bad_config, "cannot open a PostgreSQL database", "this build has SQLite only",
                "give the path of an SQLite file on a local disk");
}

void check_place(std::string const& path, OpenMode mode)
{
    namespace fs = std::filesystem;
    std::error_code failed;
    refuse_network(file_system_of(path), path);
    if (fs::is_directory(path, failed))
        throw Error(Code::unavailable, "cannot open database " + path, "it is a directory", "name a file");
    if (fs::exists(path, failed)) {
        if (access(path.c_str(), R_OK) != 0)
            throw Error(Code::unavailable, "cannot open database " + path, "it is not readable",
                        "check its permissions");
        return;
    }
    if (mode == OpenMode::existing)
        throw Error(Code::unavailable, "no database " + path, "the file does not exist",
                    "name the right one with --db, or make one with 'nocturne db init'");
    auto const parent = fs::path(path).parent_path();
    if (!fs::is_directory(parent, failed) || access(parent.c_str(), W_OK) != 0)
        throw Error(Code::cannot_create, "cannot create database " + path,
                    "directory " + parent.string() + " does not exist or is not writable",
                    "create it or name another path");
}

std::string pragma(soci::session& sql, std::string const& text) { return ask(sql, "PRAGMA " + text); }

/// The switch to WAL needs the file for itself for a moment and does not wait by the busy timeout, so it is tried again.
void enter_wal(soci::session& sql)
{
    for (int attempt = 0;; ++attempt) {
        try {
            if (pragma(sql, "journal_mode") == "wal" || pragma(sql, "journal_mode=WAL") == "wal") return;
        } catch (soci::sqlite3_soci_error const& error) {
            if ((error.result() & 0xFF) != sqlite_busy || attempt > 1000) throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

}  // namespace

struct Session::State {
    std::string path;
    soci::session sql;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::string const& Session::path() const { return state_->path; }
soci::session& Session::soci() { return state_->sql; }

Session Session::open(std::string const& where, OpenMode mode)
{
    refuse_url(where);
    auto state = std::make_unique<State>();
    state->path = std::filesystem::absolute(where).lexically_normal().string();
    check_place(state->path, mode);
    bool const read_only = mode == OpenMode::existing && access(state->path.c_str(), W_OK) != 0;
    guarded(state->path, "open", [&] {
        state->sql.open(soci::sqlite3, read_only ? read_only_string(state->path) : connect_string(state->path));
        pragma(state->sql, "busy_timeout=" + std::to_string(1000 * busy_timeout_s));
        if (!read_only) enter_wal(state->sql);
        pragma(state->sql, "synchronous=FULL");
        pragma(state->sql, "foreign_keys=ON");
    });
    Session session(std::move(state));
    migrate(session, migrations());
    return session;
}

Transaction::Transaction(Session& session) : session_(session)
{
    guarded(session_.path(), "begin", [&] { ask(session_.soci(), "BEGIN IMMEDIATE"); });
}

Transaction::~Transaction()
{
    if (!open_) return;
    try {
        ask(session_.soci(), "ROLLBACK");
    } catch (soci::soci_error const&) {
        open_ = false;  // SQLite has rolled back by itself (disk full, I/O error): nothing is left to undo
    }
}

void Transaction::commit()
{
    guarded(session_.path(), "commit", [&] { ask(session_.soci(), "COMMIT"); });
    open_ = false;
}

void guarded(std::string const& database, std::string const& doing, std::function<void()> const& body)
{
    try {
        body();
    } catch (soci::sqlite3_soci_error const& error) {
        auto const verdict = verdict_of(error.result());
        throw Error(verdict.code, "database " + database + ": " + doing + " failed", error.what(), verdict.advice);
    } catch (soci::soci_error const& error) {
        throw Error(Code::unavailable, "database " + database + ": " + doing + " failed", error.what(),
                    "check the database");
    }
}

double now_unix_s()
{
    using namespace std::chrono;
    return duration<double>(system_clock::now().time_since_epoch()).count();
}

}  // namespace nocturne::db
