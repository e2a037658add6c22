// What stands out in the image of one integration. Enters: pixels, candidates. Leaves: the place that is furthest from zero; which
// integration at an end of a group it is that changed; which changed as a whole.
#pragma once

#include "nocturne/candidate.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace nocturne {

/// The point of D(t) that is furthest from zero: between pixels, by a parabola along each axis.
struct Top {
    double x = 0, y = 0, flux_jy = 0, noise_jy = 0;
    double snr() const { return noise_jy > 0 ? std::abs(flux_jy) / noise_jy : 0; }
};

Top top_of(std::vector<float> const& pixels, Index n);

/// An integration whose image enters another's line, and how.
struct LineTerm {
    std::size_t integration;
    double factor;
};

/// Four integrations from an end of the group inwards, at one place of the sky.
struct EndSeries {
    std::array<double, 4> time_s{}, flux_jy{};
    double noise_jy = 0;  ///< of one image
};

/// D of the last two integrations of a group is the same but for a factor, since their lines share three images. Which of the two changed,
/// 0 (the last) or 1, is what explains D of the second and the third better. `brightens`: as long as it is not worse by 3 σ, what
/// makes the change a brightening.
int changed_at_end(EndSeries const& series, bool brightens);

/// A note on each integration in which many places are fainter, or brighter, at once, and in its neighbours are not. `steady_jy`: what stands
/// at each candidate's place in the integrations beside it. Candidates by integration.
std::vector<std::string> amplitude_notes(std::vector<Candidate> const& candidates,
                                         std::vector<double> const& steady_jy);

}  // namespace nocturne
