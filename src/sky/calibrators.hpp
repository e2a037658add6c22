// Calibrators near a direction. Enters: a catalogue of sources, a direction, the dish. Leaves: those within a radius, the best
// first.
#pragma once

#include "sky/sources.hpp"

#include <vector>

namespace nocturne {

struct CalibratorMatch {
    Source source;
    Radians separation;       ///< true angle from the direction
    double seen_flux_jy = 0;  ///< flux at the search's frequency times the primary beam at the separation
};

struct CalibratorSearch {
    Direction direction;  ///< ICRS
    Radians radius;
    double dish_diameter_m = 0;  ///< 0: no beam
    double freq_hz = source_reference_hz;
};

/// The catalogue that is shipped: VLA calibrator manual, flux densities at 20 cm.
std::vector<Source> shipped_calibrators();

/// Sources within the radius (also across RA 0 h and near a pole), by falling seen flux, then by separation.
std::vector<CalibratorMatch> match_calibrators(std::vector<Source> const& catalogue, CalibratorSearch const& search);

}  // namespace nocturne
