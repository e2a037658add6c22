// Which libraries this room stands on, for `doctor` and provenance.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nocturne {

/// Name and version as found at run time: ERFA, and the SOFA it is made from.
std::vector<std::pair<std::string, std::string>> sky_libraries();

}  // namespace nocturne
