// Copies of databases, as `db verify` and `db restore` see them.
#pragma once

#include "db/backup.hpp"

namespace nocturne::cli {

/// Reads all of the copy and compares it with its checksum (FILE.xxh128, where it is there), its pages and its rows. Throws
/// Error(input_missing) where there is no such file, Error(bad_input) where it is not sound.
db::RowCounts verify_copy(std::string const& file);

}  // namespace nocturne::cli
