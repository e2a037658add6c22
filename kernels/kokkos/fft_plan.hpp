// For launch files: radices and twiddles of the host's transforms. Enters: a length. Leaves: a plan that stays for the
// life of the program.
#pragma once

#include "nocturne/view.hpp"

#include <vector>

namespace nocturne {

struct FftPlan {
    struct Step {
        int radix;
        Index first_twiddle;  ///< into twiddles: [m][radix − 1][re, im]
    };
    Index n = 0;
    std::vector<Step> steps;
    std::vector<float> twiddles;
};

/// The plan for `n` (is_fft_length(n)), made once. Safe from several threads.
FftPlan const& fft_plan(Index n);

}  // namespace nocturne
