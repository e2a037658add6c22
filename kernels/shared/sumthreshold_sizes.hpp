// What SumThreshold needs around its search. Enters: sizes of a plane. Leaves: taps of the background fit, memory and scratch.
#pragma once

#include "kernels/shared/sumthreshold_rule.hpp"

#include <cstdint>

namespace nocturne {

/// Background fit: integrations averaged, taps to each side and σ in averaged integrations and channels.
constexpr Index fit_average = 3, fit_half_time = 10, fit_half_freq = 15;
constexpr float fit_sigma_time = 2.5F, fit_sigma_freq = 5;
/// In AOFlagger's strategy 2.5 and 5 are σ², not σ.
constexpr float aoflagger_fit_sigma_time = 1.5811388F, aoflagger_fit_sigma_freq = 2.2360680F;
constexpr Index fit_taps = 32;  ///< room for those of frequency and of time, to one side
static_assert(fit_half_time + fit_half_freq + 2 <= fit_taps);
constexpr int median_steps = 24;  ///< halvings of the range in which a median lies
constexpr float mad_sigma = 1.4826F;

/// exp(−k² / 2σ²).
NOCT_INLINE float gaussian_tap(Index k, float sigma)
{
    float const x = static_cast<float>(k) / sigma;
#if defined(__CUDA_ARCH__)
    return __expf(-0.5F * x * x);
#else
    return __builtin_expf(-0.5F * x * x);
#endif
}
/// Those of frequency, then those of time, from the middle outward.
NOCT_INLINE float fit_tap(Index k, Strategy strategy)
{
    bool const robust = strategy == Strategy::robust;
    if (k <= fit_half_freq) return gaussian_tap(k, robust ? fit_sigma_freq : aoflagger_fit_sigma_freq);
    return gaussian_tap(k - fit_half_freq - 1, robust ? fit_sigma_time : aoflagger_fit_sigma_time);
}
NOCT_INLINE float square_root(float x)
{
#if defined(__CUDA_ARCH__)
    return sqrtf(x);
#else
    return __builtin_sqrtf(x);
#endif
}

/// Floats of workspace for a plane.
constexpr Index sumthreshold_work(Index nt, Index nc)
{
    // amplitude, residual, marks; two of sums with two rows more; one of lines; one more plane at the end, for AOFlagger's strategy
    return 6 * nt * nc + 5 * nc + nt + fit_taps;
}

/// Bytes of scratch for a team of `size` threads.
constexpr std::size_t sumthreshold_scratch_bytes(int size)
{
    return (static_cast<std::size_t>(size) * sizeof(std::int32_t) + 63) / 64 * 64;
}

}  // namespace nocturne
