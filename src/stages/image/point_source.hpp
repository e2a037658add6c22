// What one point source holds, without a transform. Enters: a place on the slanted grid, points. Leaves: its value at each point.
#pragma once

#include "stages/image/slant.hpp"

#include <vector>

namespace nocturne {

/// [point] flux · exp(2πi f/c (u l + v m + w (n − 1))) of a source at (l', m'): the exact sum of one term, phases in double precision
/// until whole turns are taken off, so every rank makes the same bits.
std::vector<Vis> point_source(NodeGeometry const& points, Slant const& slant, PlaneCosines at, float flux_jy);

}  // namespace nocturne
