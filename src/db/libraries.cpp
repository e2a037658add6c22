// Leaves: versions of SQLite (asked of the library that SOCI uses) and SOCI.
#include "db/libraries.hpp"

#include "db/postgresql.hpp"
#include "db/query.hpp"

#include <soci/version.h>

namespace nocturne::db {

std::vector<std::pair<std::string, std::string>> libraries()
{
    std::string sqlite;
    guarded(":memory:", "ask for the version", [&] {
        soci::session session(soci::sqlite3, ":memory:");
        sqlite = ask(session, "SELECT sqlite_version()");
    });
    auto const libpq = libpq_version();
    return {{"SQLite", sqlite},
            {"PostgreSQL (libpq)", libpq.empty() ? "not built in" : libpq},
            {"SOCI", std::to_string(SOCI_VERSION / 100000) + "." + std::to_string(SOCI_VERSION / 100 % 1000) + "." +
                         std::to_string(SOCI_VERSION % 100)}};
}

}  // namespace nocturne::db
