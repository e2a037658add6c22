// The primary beam of a whole group. Enters: where the dishes looked at each moment, the imaging weights by moment and frequency,
// the dish. Leaves: the beam at each pixel, as the image saw it.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/image.hpp"
#include "sky/frames.hpp"
#include "stages/image/node_operator.hpp"

namespace nocturne {

/// Sine of the angle between two unit vectors; 1 from a right angle on.
double sine_between(Vec3 const& a, Vec3 const& b);

/// The one diameter of all antennas that have baselines; 0 where they differ or are unknown: there is no common beam then.
double common_dish_m(GroupHeader const& header);

struct PrimaryBeamArgs {
    ImageGeometry geometry;
    std::vector<Direction> const& pointings;  ///< [moment], ICRS
    BeamWeights const& weights;               ///< of all baselines
    double dish_m = 0;
};

/// pb[y][x] = Σ w(t, f) A(sinθ(t; x, y), f) / Σ w over moments t and frequencies f, A the Airy power pattern of the dish
/// (Born & Wolf 1999, 8.5.2), θ the angle between pixel and pointing on the sphere: right to the edge of the image. Taken every few
/// pixels (a hundredth of the beam at most) and interpolated by cubics: within 1e-6.
std::vector<float> primary_beam(PrimaryBeamArgs const& args);

}  // namespace nocturne
