// What a plane of powers would be without interference. Enters: a plane and cells to leave out. Leaves: relative residuals.
#pragma once

#include "stages/flag/plane_search.hpp"

namespace nocturne {

struct Residuals {
    std::vector<float> value;        ///< [integration][channel]: power over its surroundings − 1; 0 where not good
    std::vector<float> expected;     ///< [integration][channel] the surroundings, in the plane's unit; 0 where not good
    std::vector<std::uint8_t> good;  ///< [integration][channel]
    std::vector<float> burst;        ///< [integration]: by how much it stands out over the whole band; 0: it does not
    double sigma = 0;                ///< robust scatter, with its floor
};

/// As `search_plane` says; `found` (may be empty) is left out of the estimates, but has residuals.
Residuals against_surroundings(PowerPlane const& plane, std::vector<std::uint8_t> const& found);

/// Takes out of residuals the waves of a sky, as `SearchWindows::sky` says; false, and nothing is done, where there are too few cells.
bool follow_sky(PowerPlane const& plane, std::vector<std::uint8_t> const& found, Residuals& residuals);

}  // namespace nocturne
