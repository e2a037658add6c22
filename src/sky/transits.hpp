// Calibrators that cross the meridian. Enters: a catalogue, a site, a declination, a span of time. Leaves: when each of them passes,
// how far from where the dishes look, and how bright it is seen.
#pragma once

#include "sky/earth.hpp"
#include "sky/frames.hpp"
#include "sky/sources.hpp"

#include <vector>

namespace nocturne {

struct TransitSearch {
    Site site;
    Radians dec;                 ///< apparent, of the meridian that the dishes look at
    MjdSeconds begin;            ///< UTC
    double span_s = day_s;       ///< transits in [begin, begin + span)
    Radians radius;              ///< largest separation at transit
    double dish_diameter_m = 0;  ///< 0: no beam
    double freq_hz = source_reference_hz;
};

struct Transit {
    Source source;
    MjdSeconds when;  ///< UTC at which the source's hour angle is 0, to 1 ms
    Radians separation;
    double beam = 1;          ///< power, at transit
    double seen_flux_jy = 0;  ///< flux at freq_hz times the beam
};

/// UTC of the transit of an ICRS direction nearest to `around`.
MjdSeconds transit_near(Site const& site, EarthOrientation const& earth, Direction direction, MjdSeconds around);

/// By time; a source that passes twice in the span stands twice.
std::vector<Transit> transits(std::vector<Source> const& catalogue, EarthOrientation const& earth,
                              TransitSearch const& search);

}  // namespace nocturne
