// Which MPI this room stands on, for `doctor` and provenance.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nocturne {

/// Name and version of the MPI library; works before MPI is started.
std::vector<std::pair<std::string, std::string>> driver_libraries();

}  // namespace nocturne
