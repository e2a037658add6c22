// Pictures to PNG, in memory; a ProductFile takes the bytes.
#pragma once

#include "nocturne/view.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

/// A PNG file of `rgb` [height][width][3], rows from the top. The same pixels give the same bytes. Throws Error(defect)
/// where sizes do not fit, Error(system) where libpng fails.
std::string encode_png(Index width, Index height, std::vector<std::uint8_t> const& rgb);

}  // namespace nocturne
