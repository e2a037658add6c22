// Copies of databases, as `db verify` and `db restore` see them.
#pragma once

#include "db/backup.hpp"

namespace nocturne::cli {

struct VerifiedCopy {
    db::RowCounts rows;
    std::string xxh128;  ///< of FILE.xxh128; "": it is not there, pages and rows alone were looked at, with a warning
};

/// Reads all of the copy and compares it with its checksum (FILE.xxh128, where it is there), its pages and its rows. Throws
/// Error(input_missing) where there is no such file, Error(bad_input) where it is not sound.
VerifiedCopy verify_copy(std::string const& file);

}  // namespace nocturne::cli
