// PostgreSQL: how a server is reached, and what its errors mean. A build may lack SOCI's back end for it.
#pragma once

#include "db/backends.hpp"

#include <optional>

namespace nocturne::db {

/// Opens and prepares a connection; throws what SOCI throws, and Error(bad_config) where this build has no PostgreSQL. A transaction in which nothing is
/// said for `idle_s` is broken off by the server: of a client that it cannot reach any more no lock stays.
void connect_postgresql(soci::session& sql, std::string const& url, int idle_s);
/// On which its server answers, of a session that connect_postgresql opened; −1 where it is closed.
int socket_of_postgresql(soci::session& sql);
/// Where PostgreSQL's part threw `error`: what its SQLSTATE means (https://www.postgresql.org/docs/15/errcodes-appendix.html).
std::optional<Verdict> verdict_of_postgresql(std::exception const& error);
/// The version of libpq, "" where this build has none.
std::string libpq_version();

}  // namespace nocturne::db
