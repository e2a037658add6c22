// Which libraries this room stands on, for `doctor` and provenance.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nocturne {

/// Name and version as found at run time: HDF5, cfitsio, libpng, zlib.
std::vector<std::pair<std::string, std::string>> io_libraries();

}  // namespace nocturne
