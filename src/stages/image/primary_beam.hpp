// The primary beam of a whole group. Enters: where the dishes looked at each moment, the imaging weights by moment and frequency,
// the antennas' beam. Leaves: the beam at each pixel, as the image saw it.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/image.hpp"
#include "stages/image/beam_pattern.hpp"
#include "stages/image/node_operator.hpp"

namespace nocturne {

struct PrimaryBeamArgs {
    ImageGeometry geometry;
    std::vector<Direction> const& pointings;  ///< [moment], ICRS
    BeamWeights const& weights;               ///< of all baselines
    BeamPattern beam;
};

/// pb[y][x] = Σ w(t, f) A(sinθ(t; x, y), f) / Σ w over moments t and frequencies f, A the antennas' power beam, θ
/// the angle between pixel and pointing on the sphere: right to the edge of the image. Taken every few
/// pixels (a hundredth of the beam at most) and interpolated by cubics: within 1e-6.
std::vector<float> primary_beam(PrimaryBeamArgs const& args);

}  // namespace nocturne
