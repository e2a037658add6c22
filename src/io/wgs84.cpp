#include "io/wgs84.hpp"

#include <cmath>

namespace nocturne {
namespace {

constexpr double equatorial_radius_m = 6378137.0;   // WGS84 (NIMA TR8350.2), as ERFA's eraEform
constexpr double flattening = 1.0 / 298.257223563;  // idem
constexpr double eccentricity2 = flattening * (2 - flattening);

double prime_vertical_radius(double sin_latitude)
{
    return equatorial_radius_m / std::sqrt(1 - eccentricity2 * sin_latitude * sin_latitude);
}

}  // namespace

std::array<double, 3> geocentric_m(Geodetic const& place)
{
    double const s = std::sin(place.latitude_rad), c = std::cos(place.latitude_rad);
    double const radius = prime_vertical_radius(s);
    double const out = (radius + place.altitude_m) * c;
    return {out * std::cos(place.longitude_rad), out * std::sin(place.longitude_rad),
            (radius * (1 - eccentricity2) + place.altitude_m) * s};
}

Geodetic geodetic(std::array<double, 3> const& itrf_m)
{
    double const out = std::hypot(itrf_m[0], itrf_m[1]), z = itrf_m[2];
    Geodetic place{0, std::atan2(itrf_m[1], itrf_m[0]), 0};
    double latitude = std::atan2(z, out * (1 - eccentricity2));
    for (int round = 0; round < 8; ++round) {  // gains more than two digits a round near the ground
        double const s = std::sin(latitude);
        latitude = std::atan2(z + eccentricity2 * prime_vertical_radius(s) * s, out);
    }
    double const s = std::sin(latitude), c = std::cos(latitude);
    place.latitude_rad = latitude;
    place.altitude_m = out * c + z * s - equatorial_radius_m * std::sqrt(1 - eccentricity2 * s * s);
    return place;
}

}  // namespace nocturne
