// Interference in a plane of time × frequency that is a mean over many baselines. Enters: powers, how many samples each stands for.
// Leaves: cells that stand out of their smooth surroundings.
#pragma once

#include "nocturne/view.hpp"

#include <cstdint>
#include <vector>

namespace nocturne {

/// [integration][channel]; a cell of 0 samples is not looked at.
struct PowerPlane {
    Index n_integrations = 0, n_channels = 0;
    std::vector<float> value;    ///< mean power, any unit
    std::vector<float> samples;  ///< independent samples behind it

    Index size() const { return n_integrations * n_channels; }
};

/// Which windows are tried after single cells; each must stand out by `z` of the robust scatter of windows of its shape.
struct SearchWindows {
    double z = 5;
    std::vector<Index> integrations, channels;
    int rounds = 1;      ///< the surroundings are estimated anew without what was found
    bool bursts = true;  ///< an integration that stands out as a whole is interference, too
    bool sky = false;    ///< sources that beat are told from interference
    double least = 0;    ///< mean over a window, as share of the surroundings, that must be exceeded as well
};

/// 1 where a cell holds interference. The surroundings of a cell are: the median over time of its channel, smoothed by a running median
/// over 41 channels (so that a lasting narrow line stands out); times a slope over the band for each integration, by medians of
/// eighths of the band (Theil & Sen), which follows a source that drifts through the beam. An integration that stands out as a
/// whole against those before and after it (second differences over 1 to 3 integrations) is a burst. Noise is 1.4826 × the median
/// absolute residual, at least a fifth of what exponential statistics give; `z` grows by SumThresholdRule::small_plane where cells are few.
/// `sky`: where two sources beat, the power has waves, as deep as they are high; interference is never below what is around it, and a
/// channel that always is, is a notch of the receivers (lifted by its median where that is below −1 σ). Waves that medians over 3
/// integrations × 21 channels follow are taken out, up to three times as high as they are deep; and the limit of windows grows, up
/// to twice, where the lowest of their shape is below −4.3 σ. What is found with and without all this is interference.
/// With fewer than 82 channels lines are not looked for, each channel is held against its own times; with fewer than 8
/// integrations, too, nothing is. Integers in, comparisons out: the same on every rank.
std::vector<std::uint8_t> search_plane(PowerPlane const& plane, SearchWindows const& windows);

}  // namespace nocturne
