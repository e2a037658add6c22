// Copies of a database, and whether one is sound. A copy is an SQLite file whatever the database is, so that one can go to the other.
#pragma once

#include "db/session.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace nocturne::db {

/// Rows of each table.
using RowCounts = std::vector<std::pair<std::string, std::int64_t>>;

/// Error(cannot_create) where beside `path` lies what SQLite left of a database of that name: its changes would go into the new one.
void refuse_remains(std::string const& path);

/// Writes all of the database, as it is at one moment, into the new SQLite file `file`, with the number of rows of each table in its
/// table backup_rows. Others may go on writing. Throws Error(cannot_create) where the file is there already.
RowCounts copy_into_file(Session& session, std::string const& file);

/// Opens a copy, looks at every page, and compares the rows of each table with what was written. Throws Error(bad_input).
RowCounts check_copy(std::string const& file);

/// Makes the SQLite database `target`, a new or an empty file, of a copy.
void expand_copy(std::string const& file, std::string const& target);

/// Fills a database that has its tables but neither groups nor runs. Throws Error(cannot_create) where it holds any.
RowCounts fill_from_copy(Session& session, std::string const& file);

/// What is wrong with a database in use: pages, references, states without a claim, claims without a state. Empty = nothing.
std::vector<std::string> find_faults(Session& session);

}  // namespace nocturne::db
