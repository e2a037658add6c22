// The frame around a picture of the sky. Enters: a Picture. Leaves: lines of equal right ascension and declination, and where
// they meet the edges, in pixels of the image.
#pragma once

#include "qa/picture.hpp"
#include "qa/wcs.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// One line of the graticule: pieces inside the picture, and its label at the edge it meets (none: `labelled` false).
struct GraticuleLine {
    std::vector<std::vector<PixelPosition>> pieces;
    std::string label;  ///< "05:34:00" or "+22:10:00"
    bool labelled = false;
    PixelPosition at;  ///< on the lower edge (right ascension) or the left edge (declination)
};

struct Graticule {
    std::vector<GraticuleLine> ra, dec;
};

/// About five lines each way, at round values; also around the poles and across RA 0 h.
Graticule make_graticule(Picture const& picture);

/// Values between `low` and `high` for the ticks of a colour bar, with a unit chosen by `high`, spaced by at least
/// `min_gap` of its length.
std::vector<double> colour_ticks(Picture const& picture, double min_gap = 0.07);

}  // namespace nocturne
