// PostgreSQL: one server for all nodes. Enters: a postgresql:// address. Leaves: a connection, and verdicts on its SQLSTATEs.
#include "db/postgresql.hpp"

#include "db/address.hpp"
#include "db/query.hpp"
#include "db/silence.hpp"

#ifdef NOCTURNE_POSTGRESQL
#    include <soci/postgresql/soci-postgresql.h>
#endif

namespace nocturne::db {

#ifdef NOCTURNE_POSTGRESQL

namespace {

constexpr double connecting_s = 10;

/// The address with a limit on how long a connection may take to come about, and our name, where it does not say them.
std::string completed(std::string url)
{
    for (std::string const word : {"connect_timeout=10", "application_name=nocturne", "tcp_user_timeout=30000"}) {
        if (url.find(word.substr(0, word.find('=') + 1)) != std::string::npos) continue;
        url += (url.find('?') == std::string::npos ? "?" : "&") + word;
    }
    return url;
}

Verdict verdict_of_state(std::string const& state)
{
    auto const kind = state.substr(0, 2);
    if (kind == "08" || state == "57P01" || state == "57P02" || state == "57P03" || state == "25P03")
        return {Code::unavailable, "see whether the server runs, then run the same command again", Trouble::lost};
    if (state == "40001" || state == "40P01")
        return {Code::unavailable, "run the same command again", Trouble::conflict};
    if (kind == "23") return {Code::defect, "report this as a defect, with the command line"};
    if (state == "53100" || kind == "58") return {Code::io, "check the disk of the database's server", Trouble::away};
    if (state == "53300")
        return {Code::unavailable, "run the same command again when there are fewer, or raise max_connections",
                Trouble::away};
    if (state == "25006")  // a standby, or one whose disk is nearly full; where writes go is found by connecting again
        return {Code::unavailable, "wait until its server takes writes, or name the one that does", Trouble::away};
    if (state == "53000" || state == "53200")
        return {Code::unavailable, "see to the memory of the database's server", Trouble::away};
    if (state == "42501" || state == "3F000")  // the latter of a schema that the role may not use
        return {Code::cannot_create, "have the database's role allowed to write, or name another"};
    if (kind == "28") return {Code::unavailable, "check the role and the password (PGPASSWORD, or ~/.pgpass)"};
    if (state == "3D000") return {Code::unavailable, "make it with 'createdb', or name another with --db"};
    if (state == "55P03" || state == "57014")
        return {Code::unavailable, "another process holds the rows; run the same command again", Trouble::away};
    if (state == "22021" || state == "22P05")
        return {Code::bad_input, "rename what is not UTF-8, or use an SQLite database"};
    return {Code::unavailable, "check the database's server"};
}

}  // namespace

namespace {

/// Of a connection that did not come about libpq tells no state: the server's words, FATAL before them, or the network's.
Verdict verdict_of_connecting(std::string const& words)
{
    auto const has = [&](char const* part) { return words.find(part) != std::string::npos; };
    if (has("too many connections") || has("too many clients") || has("connection slots are reserved"))
        return verdict_of_state("53300");
    if ((has("does not exist") && has("FATAL:  database")) || has("FATAL:  no such database"))
        return verdict_of_state("3D000");
    for (auto const* refusal :
         {"password", "role ", "user ", "no such user", "pg_hba.conf", "authentication failed", "not permitted"})
        if (has("FATAL:") && has(refusal)) return verdict_of_state("28000");
    return verdict_of_state("57P03");  // the network, a server that starts, a pooler, words of other languages
}

}  // namespace

std::optional<Verdict> verdict_of_postgresql(std::exception const& error)
{
    auto const* own = dynamic_cast<soci::postgresql_soci_error const*>(&error);
    if (!own) {
        std::string const words = error.what();
        bool const connecting = words.find("Cannot establish connection") != std::string::npos;
        return connecting ? std::optional(verdict_of_connecting(words)) : std::nullopt;
    }
    auto const state = own->sqlstate();
    // libpq names no state where it found the connection broken itself.
    bool const stated = state.size() == 5 && state.find_first_not_of(" \0") != std::string::npos && state[0] != 0;
    return verdict_of_state(stated ? state : "08006");
}

void connect_postgresql(soci::session& sql, std::string const& url, int idle_s)
{
    sql.open(soci::postgresql, completed(url));
    AnswerWait const limit(socket_of_postgresql(sql), {connecting_s, {}});
    auto const idle = "idle_in_transaction_session_timeout = '" + std::to_string(idle_s) + "s'";
    for (std::string const setting : {"client_min_messages = warning", "lock_timeout = '30s'", idle.c_str(),
                                      "default_transaction_isolation = 'read committed'", "client_encoding = 'UTF8'"})
        ask(sql, "SET " + setting);
}

int socket_of_postgresql(soci::session& sql)
{
    auto const* const backend = static_cast<soci::postgresql_session_backend*>(sql.get_backend());
    return backend && backend->conn_ ? PQsocket(backend->conn_) : -1;
}

std::string libpq_version()
{
    int const version = PQlibVersion();
    return std::to_string(version / 10000) + "." + std::to_string(version % 10000);
}

#else

std::optional<Verdict> verdict_of_postgresql(std::exception const&) { return std::nullopt; }

void connect_postgresql(soci::session&, std::string const& url, int)
{
    throw Error(
        Code::bad_config, "cannot open database " + without_password(url),
        "this build has SQLite only: SOCI's PostgreSQL back end was not there when it was made",
        "build it where libsoci_postgresql and libpq-fe.h are, or give the path of an SQLite file on a local disk");
}

int socket_of_postgresql(soci::session&) { return -1; }

std::string libpq_version() { return ""; }

#endif

}  // namespace nocturne::db
