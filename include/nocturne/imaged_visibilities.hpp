// The visibilities that an image is made of, before compression: what an exact sum needs.
#pragma once

#include "nocturne/vis.hpp"

#include <functional>
#include <vector>

namespace nocturne {

/// Of one block of baselines, on the host.
struct ImagedVisibilities {
    std::int64_t first_baseline = 0;
    std::int64_t n_integrations = 0, n_baselines = 0, n_channels = 0;
    std::vector<double> uvw_m;  ///< [integration][baseline][3]
    std::vector<Vis> vis;       ///< [integration][baseline][channel], Stokes I, Jy; 0 where the weight is 0
    std::vector<float> weight;  ///< [integration][baseline][channel]: imaging weight; 0 = flagged or autocorrelation
};

using VisibilitySink = std::function<void(ImagedVisibilities&&)>;

}  // namespace nocturne
