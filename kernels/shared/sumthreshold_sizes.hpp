// What SumThreshold needs around its search. Enters: sizes of a plane. Leaves: taps of the background fit, memory and scratch.
#pragma once

#include "kernels/shared/sumthreshold_rule.hpp"

#include <cstdint>

namespace nocturne {

/// Background fit: integrations averaged, taps to each side and σ in averaged integrations and channels.
constexpr Index fit_average = 3, fit_half_time = 10, fit_half_freq = 15;
constexpr float fit_sigma_time = 2.5F, fit_sigma_freq = 5;
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
    return 5 * nt * nc + 5 * nc + nt;  // amplitude, residual, marks; two of sums with two rows more; one of lines
}

/// Bytes of scratch for a team of `size` threads.
constexpr std::size_t sumthreshold_scratch_bytes(int size)
{
    return (static_cast<std::size_t>(size) * sizeof(std::int32_t) + 63) / 64 * 64;
}

}  // namespace nocturne
