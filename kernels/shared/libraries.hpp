// Which libraries the kernels stand on, for `doctor` and provenance.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nocturne {

/// Name and version as found at run time: Kokkos with its host space, FFTW.
std::vector<std::pair<std::string, std::string>> kernel_libraries();

}  // namespace nocturne
