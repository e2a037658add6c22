// SQLite: a file on a local disk. Enters: a path. Leaves: a connection in WAL mode, and verdicts on SQLite's result codes.
#include "db/sqlite.hpp"

#include "db/file_system.hpp"
#include "db/query.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <sys/stat.h>
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

/// SOCI's connect string for SQLite: the path itself, or dbname="…" where the path holds a '='.
std::string connect_string(std::string const& path)
{
    if (path.find('=') == std::string::npos) return path;
    if (path.find('"') != std::string::npos)
        throw Error(Code::bad_config, "cannot open database " + path, "its path holds both '=' and '\"'", "rename it");
    return "dbname=\"" + path + "\"";
}

/// What may only be read: without a lock file where none can be made, for then no one can be writing either, nor on a network file system, where
/// no database is ever written.
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
    bool const shared = !file_system_of(path).network &&
                        (access(parent.c_str(), W_OK) == 0 || std::filesystem::exists(path + "-wal", odd));
    return "dbname=\"file:" + address + (shared ? "" : "?immutable=1") + "\" readonly=true";
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

/// Tables, and none of ours: the file is another program's, and stays as it is.
void refuse_foreign(soci::session& sql, std::string const& path)
{
    auto const table = ask(sql,
                           "SELECT coalesce(min(name), '') FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                           "'sqlite!_%' ESCAPE '!' AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = "
                           "'schema_migrations')");
    if (table.empty()) return;
    throw Error(Code::bad_config, "database " + path + " is another program's",
                "it holds tables, among them '" + table + "', and none of ours",
                "name one of nocturne's, or a file that is not there yet");
}

}  // namespace

Verdict verdict_of_sqlite(int result)
{
    switch (result & 0xFF) {
        case sqlite_busy:
        case sqlite_locked:
            return {Code::unavailable, "another process holds the database; run the same command again", Trouble::away};
        case sqlite_cantopen:
            return {Code::cannot_create, "make the file and its directory writable", Trouble::away};
        case sqlite_readonly:
            return {Code::cannot_create, "make the file and its directory writable"};
        case sqlite_ioerr:
            return {Code::io, "check the disk that holds the database", Trouble::away};
        case sqlite_full:
            return {Code::io, "free space on the disk that holds the database", Trouble::away};
        case sqlite_constraint:
            return {Code::defect, "report this as a defect, with the command line"};
        case sqlite_corrupt:
        case sqlite_notadb:
            return {Code::unavailable, "this is no sound database: restore a copy or name another file"};
        default:
            return {Code::unavailable, "check the file, its permissions and its disk"};
    }
}

void check_place(std::string const& path, OpenMode mode)
{
    namespace fs = std::filesystem;
    std::error_code failed;
    if (mode != OpenMode::reading) refuse_network(file_system_of(path), path);
    if (fs::is_directory(path, failed))
        throw Error(Code::unavailable, "cannot open database " + path, "it is a directory", "name a file");
    if (fs::exists(path, failed)) {
        if (access(path.c_str(), R_OK) != 0)
            throw Error(Code::unavailable, "cannot open database " + path, "it is not readable",
                        "check its permissions");
        return;
    }
    if (mode != OpenMode::create)
        throw Error(Code::unavailable, "no database " + path, "the file does not exist",
                    "name the right one with --db, or make one with 'nocturne db init'");
    auto const parent = fs::path(path).parent_path();
    if (!fs::is_directory(parent, failed) || access(parent.c_str(), W_OK) != 0)
        throw Error(Code::cannot_create, "cannot create database " + path,
                    "directory " + parent.string() + " does not exist or is not writable",
                    "create it or name another path");
}

FileIdentity identity_of(std::string const& path)
{
    struct stat is {};
    return stat(path.c_str(), &is) == 0 ? FileIdentity{is.st_dev, is.st_ino} : FileIdentity{};
}

void wait_for_locks(soci::session& sql, double seconds)
{
    pragma(sql, "busy_timeout=" + std::to_string(std::lround(1000 * seconds)));
}

void connect_sqlite(soci::session& sql, std::string const& path, OpenMode mode)
{
    bool const read_only = mode == OpenMode::reading || (mode == OpenMode::existing && access(path.c_str(), W_OK) != 0);
    sql.open(soci::sqlite3, read_only ? read_only_string(path) : connect_string(path));
    wait_for_locks(sql, busy_timeout_s);
    refuse_foreign(sql, path);
    if (!read_only) enter_wal(sql);
    pragma(sql, "synchronous=FULL");
    pragma(sql, "foreign_keys=ON");
}

}  // namespace nocturne::db
