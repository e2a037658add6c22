// Frames: where the ICRS is seen from a site at one time, by ERFA. Enters: a site, a UTC time, Earth orientation, ICRS
// directions, antenna positions. Leaves: apparent directions, sidereal time, uvw. No refraction anywhere.
//
// Apparent directions are topocentric and include light deflection, annual and diurnal aberration, precession and nutation
// (IAU 2006/2000A) and polar motion; hour angle and declination are those of the ITRS at the site's meridian.
#pragma once

#include "nocturne/group.hpp"
#include "sky/earth.hpp"

#include <array>
#include <memory>
#include <vector>

namespace nocturne {

using Vec3 = std::array<double, 3>;

constexpr double earth_turn_rad_per_s = 7.292115855e-5;  // IERS Conventions 2010, eq. 5.15: era's rate

Vec3 unit(Direction d);  ///< unit vector on the axes that `d` is given in

inline double dot(Vec3 const& a, Vec3 const& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/// Apparent place at a site: hour angle west positive.
struct Apparent {
    Radians hour_angle, dec;
};

/// Rows u, v, w of the rotation from ITRS axes to uvw: w to the phase centre, v to its north in the ICRS, u to its east.
struct UvwAxes {
    Vec3 u, v, w;
};

/// East, north and radial direction cosines of `source` seen from `centre`: SIN projection (Greisen & Calabretta 2002,
/// A&A 395, 1077); {l, m, n}.
Vec3 direction_cosines(Direction source, Direction centre);
/// The ICRS direction at {l, m} of `centre`; inverse of direction_cosines for n > 0.
Direction direction_at(double l, double m, Direction centre);
/// Angle between two directions, exact for small ones too.
Radians separation(Direction a, Direction b);

/// One time at one site.
class Instant {
public:
    /// `utc` must be after 1972. Reentrant; no state outside.
    Instant(Site const& site, EarthOrientation const& earth, MjdSeconds utc);

    Radians sidereal_time() const;  ///< local apparent, [0, 2π)
    Apparent apparent(Direction icrs) const;
    Direction icrs(Apparent apparent) const;  ///< inverse of `apparent`
    Direction meridian(Radians dec) const { return icrs({Radians(0), dec}); }
    Direction zenith() const;
    /// The apparent place of an azimuth (from north through east) and altitude.
    Apparent at_horizon(Radians azimuth, Radians altitude) const;

    /// Unit vector in ITRS axes toward an apparent place.
    Vec3 itrs(Apparent apparent) const;

    /// Axes of the uvw of phase centre `icrs`. The position angle of ICRS north in the apparent frame is taken over
    /// ±1e-6 rad of apparent declination (pyuvdata's calc_frame_pos_angle with offset_pos = 1e-6).
    UvwAxes uvw_axes(Direction icrs) const;

    /// Apparent offsets over ICRS offsets around `icrs`, minus 1: the differential aberration that an image made with
    /// `uvw_axes` carries, up to 1e-4 (0.36″ a degree).
    double aberration_scale(Direction icrs) const;

private:
    struct Context;
    Radians position_angle(Apparent apparent) const;
    std::shared_ptr<Context const> context_;
};

/// Axes of the meridian at apparent declination `dec`: hour angle 0, v along the hour circle (no position angle), as
/// DSA-110's files have their uvw_array.
UvwAxes meridian_axes(Site const& site, Radians dec);

/// uvw of antennas [integration][antenna][3] in metres for phase centre `centre`: a baseline's is that of antenna 2 minus
/// that of antenna 1.
std::vector<double> antenna_uvw_m(std::vector<Antenna> const& antennas, std::vector<UvwAxes> const& axes);

/// Instants at the middle of each integration of a group.
std::vector<Instant> instants(GroupHeader const& header, EarthOrientation const& earth);

}  // namespace nocturne
