// Writing one row of hdf5_files, inside a transaction of the caller.
#pragma once

#include "db/groups.hpp"

namespace nocturne::db {

enum class FileChange { none, added, updated };

/// Inserts or updates; a row that says the same already is left alone.
FileChange store_file(Session& session, FileRow const& file);

/// When the row of a file was last written, Unix seconds.
std::optional<double> indexed_at(Session& session, std::string const& path);

}  // namespace nocturne::db
