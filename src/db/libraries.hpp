// Which libraries this room stands on, for `doctor` and provenance.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nocturne::db {

/// Name and version as found at run time: SQLite, SOCI.
std::vector<std::pair<std::string, std::string>> libraries();

}  // namespace nocturne::db
