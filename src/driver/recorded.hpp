// What a database says of files that a user names. Enters: paths, a database that may not be there. Leaves: the files with the
// hashes that were recorded of them.
#pragma once

#include "db/groups.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// Each file with its recorded xxh3-128; "" where no database was chosen, it is not there yet, or it does not know the file.
/// Throws Error(unavailable) where a database is there and cannot be read.
std::vector<db::InputFile> recorded_files(std::vector<std::string> const& paths, std::string const& database);

}  // namespace nocturne
