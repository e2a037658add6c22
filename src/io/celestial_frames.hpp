// Directions as files state them, in the frames that pyuvdata takes from astropy. Enters: longitude, latitude, frame, epoch.
// Leaves: the direction in the ICRS. For src/io alone.
#pragma once

#include "nocturne/units.hpp"

#include <optional>
#include <string>

namespace nocturne {

/// A direction as a file states it.
struct StatedDirection {
    /// icrs, fk5, fk4, fk4noeterms, galactic, supergalactic, gcrs, barycentricmeanecliptic, barycentrictrueecliptic; case does not
    /// matter
    std::string frame = "icrs";
    /// Equinox: Julian year (fk5, ecliptic; default 2000) or Besselian year (fk4, default 1950).
    std::optional<double> epoch;
    double longitude_rad = 0, latitude_rad = 0;
};

/// The ICRS direction at `time` (UTC; gcrs carries the aberration of that time, fk4 rotates). Throws Error(bad_input) on other
/// frames and on latitudes beyond 90 degrees. Sources: USNO Circular 179 (ICRS to FK5); Capitaine et al. 2003 (precession of
/// FK5); Murray 1989, A&A 218, 325, and Newcomb's precession (FK4); Seidelmann 1992 (terms of aberration). Constants are
/// astropy's, so that directions are pyuvdata's to 1e-12 rad.
Direction to_icrs(StatedDirection const& stated, MjdSeconds time);

/// Motion of a source in the ICRS since J2000; right ascension without the cosine of the declination.
struct SpaceMotion {
    double ra_rad_a = 0, dec_rad_a = 0;
    double parallax_arcsec = 0, receding_km_s = 0;
    bool moves() const { return ra_rad_a != 0 || dec_rad_a != 0 || parallax_arcsec != 0; }
};

/// Where `at_j2000` (seen from the barycentre) has moved until `time` (UTC), seen from the Earth: ERFA's eraPmpx with the Earth of
/// eraEpv00, as pyuvdata has it by eraAtco13.
Direction moved(Direction at_j2000, SpaceMotion const& motion, MjdSeconds time);

/// True where the ICRS direction moves with time.
bool moves_with_time(std::string const& frame);

}  // namespace nocturne
