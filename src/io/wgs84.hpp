// Geodetic and geocentric coordinates on WGS84. Enters: latitude, longitude, altitude; or ITRF metres. Leaves: the other.
#pragma once

#include <array>

namespace nocturne {

struct Geodetic {
    double latitude_rad = 0, longitude_rad = 0, altitude_m = 0;
};

/// ITRF metres. The same bits for the same input: positions taken relative to a site and added to it again stay as they were
/// (differences within 8 km of the site are exact in double precision).
std::array<double, 3> geocentric_m(Geodetic const& place);

/// Inverse of `geocentric_m` to 1e-9 m, by fixed-point iteration (Hofmann-Wellenhof et al., GNSS, 2008, 8.2.1); the poles and the axis included.
Geodetic geodetic(std::array<double, 3> const& itrf_m);

}  // namespace nocturne
