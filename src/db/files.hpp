// Writing one row of hdf5_files, inside a transaction of the caller.
#pragma once

#include "db/groups.hpp"

namespace nocturne::db {

enum class FileChange { none, added, updated };

/// Inserts or updates; a row that says the same already is left alone. `before`: the row as it stands, null = there is none.
FileChange store_file(Session& session, FileRow const* before, FileRow const& file);

/// The rows of these files, by path, in a few statements however many they are.
std::map<std::string, FileRow> files_named(Session& session, std::vector<std::string> const& paths);

/// When the row of a file was last written, Unix seconds.
std::optional<double> indexed_at(Session& session, std::string const& path);

/// Locks the rows of groups, in the order of their names, until the transaction ends.
void hold_groups(Session& session, std::vector<std::string> const& group_ids);

}  // namespace nocturne::db
