// Parameters of SumThreshold. Enters: nothing. Leaves: thresholds.
#pragma once

#include "nocturne/view.hpp"

namespace nocturne {

/// How a window with gaps is judged: by the threshold of its length (AOFlagger), or by that of the samples it has.
enum class Gaps { as_full, by_samples };

/// What stands in a plane besides noise and interference: nothing (AOFlagger), or a sky whose fringes the background fit does not follow.
enum class Structure { none, sky };

/// What thresholds are multiples of and in which order lines are looked at: robust statistics, windows in time before those in frequency; or as AOFlagger has
/// it (sumthreshold_aoflagger.hpp).
enum class Strategy { robust, aoflagger };

constexpr Index longest_window = 256;
constexpr Index fewest_lines = 16;  ///< integrations, and channels, that rms of lines and its scatter need
constexpr Index fewest_cells = 64;  ///< of a plane that is searched

/// σ is measured on every so many integrations.
constexpr Index sample_step(Index nt) { return nt < 16 ? 1 : 4; }

struct SumThresholdRule {
    float base = 1.2F;                           ///< base threshold, in AOFlagger's unit
    int iterations = 3;                          ///< searches; a background fit stands between two
    float factor_step = 2;                       ///< threshold of a search over that of the next
    float transient_factor = 1;                  ///< on thresholds of windows along frequency
    Index longest_time = 32, longest_freq = 32;  ///< window lengths are powers of two up to these
    float rank = 0.05F;                          ///< η of the scale-invariant rank operator, both directions; 0 = off
    float row_rms = 0,
          channel_rms = 5;   ///< in σ of the rms of all integrations and channels (× the search's factor); 0 = off
    float last_row_rms = 0;  ///< after the rank operator, of Strategy::aoflagger; 0 = off

    Gaps gaps = Gaps::by_samples;
    Structure structure = Structure::sky;

    Strategy strategy = Strategy::robust;

    /// AOFlagger's default strategy of 2020-05-26, with its numbers.
    static constexpr SumThresholdRule like_aoflagger()
    {
        SumThresholdRule rule;
        rule.base = 1;
        rule.longest_time = rule.longest_freq = longest_window;
        rule.rank = 0.2F;
        rule.gaps = Gaps::as_full;
        rule.structure = Structure::none;
        rule.strategy = Strategy::aoflagger;
        rule.row_rms = 3.5F;
        rule.channel_rms = 3;
        rule.last_row_rms = 4;
        return rule;
    }

    /// Of the mean of a window of 2^doublings samples, in σ: 6 σ · base · 0.75^doublings (χ1 · 1.5^log2 n / n). AOFlagger's σ of a
    /// fitted plane is the mode of a Rayleigh distribution with its mean square, 0.7 × that of medians.
    NOCT_INLINE float threshold(int search, int doublings) const
    {
        float value = 6 * base;
        if (strategy == Strategy::robust) value *= 0.7F;
        for (int i = search; i + 1 < iterations; ++i) value *= factor_step;
        for (int i = 0; i < doublings; ++i) value *= 0.75F;
        return value;
    }
    /// Of the sum over a window of 2^doublings with `count` good samples, in σ.
    NOCT_INLINE float sum_limit(int search, int doublings, float count) const
    {
        bool const full = gaps == Gaps::as_full || count == static_cast<float>(1 << doublings);
        return full ? threshold(search, doublings) * count : threshold(search, 0) * gap_power(count);
    }
    /// count · 0.75^log2 count.
    NOCT_INLINE static float gap_power(float count)
    {
#if defined(__CUDA_ARCH__)
        return powf(count, 0.5849625F);
#else
        return __builtin_powf(count, 0.5849625F);
#endif
    }
    /// On thresholds of windows of n samples whose residuals share a part `common` (0 … 1) of their variance with their neighbours: the
    /// mean of n has √((1 + (n − 1) common) / n) of the scatter of one, and sky has longer tails than noise.
    NOCT_INLINE static float widening(float common, Index n)
    {
        float const x = 1 + static_cast<float>(n - 1) * common;
#if defined(__CUDA_ARCH__)
        return sqrtf(x) * (1 + common);
#else
        return __builtin_sqrtf(x) * (1 + common);
#endif
    }
    /// On thresholds of a plane whose σ few samples tell: 2.9 for 16, 1.4 for 256, 1 from 4,096 on.
    NOCT_INLINE float small_plane(Index cells) const
    {
        if (structure == Structure::none || cells >= 4096) return 1;
        auto const n = static_cast<float>(cells > 0 ? cells : 1);
#if defined(__CUDA_ARCH__)
        return 0.875F + 8 / sqrtf(n);
#else
        return 0.875F + 8 / __builtin_sqrtf(n);
#endif
    }
    /// Common part of the variance where neighbours differ by `median_step` (median, in σ): 1 − (that of noise)², 0 up to `ignored_common`.
    NOCT_INLINE static float common_part(float median_step)
    {
        float const d = median_step / noise_step, common = (1 - d * d - ignored_common) / (1 - ignored_common);
        return common > 0 ? common : 0;
    }
    static constexpr float noise_step = 0.95387F;  ///< 0.6745 · √2: median |difference| of two samples of noise, in σ
    static constexpr float ignored_common = 0.3F;     ///< below, it is interference rather than sky
    static constexpr float largest_step = 0.798071F;  ///< noise_step · √(1 − ignored_common)
    static constexpr int step_halvings = 10;          ///< of the range in which the median step lies
    static constexpr Index fewest_steps = 8;
    /// Least σ, in median amplitudes: in data without noise, rounding and smearing are no noise to hold anything against.
    static constexpr float least_scatter = 1e-4F;

    NOCT_INLINE float channel_limit(int search) const
    {
        float value = channel_rms;
        for (int i = search; i + 1 < iterations; ++i) value *= factor_step;
        return value;
    }

    /// Share of an amplitude that is left where no sample near is good: AOFlagger's fit is 0 there.
    NOCT_INLINE float residual_of_nothing() const { return strategy == Strategy::aoflagger ? 1.F : 0.F; }
};

}  // namespace nocturne
