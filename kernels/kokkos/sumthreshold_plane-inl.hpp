// For kernels/kokkos/sumthreshold.cpp, compiled once per instruction set: the plane of one baseline of at most 32 integrations in
// memory, a mask word a channel, and its medians and background. Enters: samples. Leaves: residuals and their σ.
#if defined(NOCTURNE_SUMTHRESHOLD_PLANE_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_SUMTHRESHOLD_PLANE_INL
#        undef NOCTURNE_SUMTHRESHOLD_PLANE_INL
#    else
#        define NOCTURNE_SUMTHRESHOLD_PLANE_INL
#    endif

#    include "kernels/sumthreshold.hpp"

#    include <algorithm>
#    include <cmath>

#    include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Words = hn::RebindToUnsigned<Floats>;
using FloatVec = hn::Vec<Floats>;
using WordVec = hn::Vec<Words>;
constexpr Index flag_lanes_most = 16;

/// Rows of channels with room behind them, so that windows and vectors may reach over the end; what lies there is never good.
struct FlagPlane {
    Index nt, nc, row;  ///< row: distance of rows
    float *amplitude, *residual;
    std::uint32_t *bad, *found, *joint, *usable;  ///< [channel], bit = integration
    float *sums, *counts;                         ///< of a row, or of 32 integrations of a vector
    float *fit[4], *line;

    static Index row_of(Index nc, Index longest)
    {
        return (nc + 2 * flag_lanes_most - 1) / flag_lanes_most * flag_lanes_most + longest + 64;
    }
    static std::size_t bytes(Index nt, Index nc, Index longest)
    {
        Index const row = row_of(nc, longest);
        return static_cast<std::size_t>((2 * nt + 9) * row + 2 * 32 * flag_lanes_most + 2 * fit_floats(nt, nc, row) +
                                        256) *
               sizeof(float);
    }
    /// Of fit[0] and fit[1] each: averaged rows, or prefixes of the rank operator.
    static Index fit_floats(Index nt, Index nc, Index row)
    {
        Index const sampled = (nt + sample_step(nt) - 1) / sample_step(nt), fit = (nt + fit_average - 1) / fit_average;
        Index const rows = (sampled > fit ? sampled : fit) * row + 2 * flag_lanes_most,
                    prefixes = (nc + 1) * flag_lanes_most;
        return (rows > prefixes ? rows : prefixes) / 16 * 16 + 16;
    }
    Index vectors_end() const { return (nc + flag_lanes_most - 1) / flag_lanes_most * flag_lanes_most; }
};

/// Lanes of a mask word that has bit t set.
HWY_INLINE hn::Mask<Floats> has_bit(WordVec words, Index t)
{
    Words const u;
    auto const bit = hn::Set(u, std::uint32_t(1) << t);
    return hn::RebindMask(Floats(), hn::Ne(hn::And(words, bit), hn::Zero(u)));
}
HWY_INLINE WordVec spoilt(FlagPlane const& plane, Index c)
{
    Words const u;
    return hn::Or(hn::LoadU(u, plane.bad + c), hn::LoadU(u, plane.found + c));
}

/// Median of n values (n_vectors · lanes with FLT_MAX behind), or of their distances from `middle`: halving as the body does.
inline float median_of_sample(float const* sample, Index n, Index padded, float largest, float middle, bool distance)
{
    Floats const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    hn::RebindToSigned<Floats> const ints;
    float low = distance ? 0 : -largest, high = largest;
    auto const centre = hn::Set(d, middle);
    for (int step = 0; step < median_steps; ++step) {
        float const half = 0.5F * (low + high);
        auto const limit = hn::Set(d, half);
        auto count0 = hn::Zero(ints), count1 = count0;
        for (Index i = 0; i < padded; i += 2 * lanes) {
            auto a = hn::LoadU(d, sample + i), b = hn::LoadU(d, sample + i + lanes);
            if (distance) a = hn::Abs(hn::Sub(a, centre)), b = hn::Abs(hn::Sub(b, centre));
            count0 = hn::Sub(count0, hn::VecFromMask(ints, hn::RebindMask(ints, hn::Le(a, limit))));
            count1 = hn::Sub(count1, hn::VecFromMask(ints, hn::RebindMask(ints, hn::Le(b, limit))));
        }
        auto const below = static_cast<Index>(hn::GetLane(hn::SumOfLanes(ints, hn::Add(count0, count1))));
        (2 * below >= n ? high : low) = half;
    }
    return n > 0 ? 0.5F * (low + high) : 0;
}

/// Good values of the sampled integrations, packed into `sample`; returns how many, and the largest magnitude.
inline Index take_sample(FlagPlane const& plane, float const* values, float* sample, float& largest)
{
    Floats const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    Index n = 0;
    auto most = hn::Zero(d);
    for (Index t = 0; t < plane.nt; t += sample_step(plane.nt))
        for (Index c = 0; c < plane.vectors_end(); c += lanes) {
            auto const good = hn::Not(has_bit(spoilt(plane, c), t));
            auto const value = hn::LoadU(d, values + t * plane.row + c);
            most = hn::Max(most, hn::IfThenElseZero(good, hn::Abs(value)));
            n += static_cast<Index>(hn::CompressStore(value, good, d, sample + n));
        }
    for (Index i = 0; i < 2 * lanes; ++i) sample[n + i] = 3e38F;
    largest = hn::GetLane(hn::MaxOfLanes(d, most));
    return n;
}

/// Largest distance from `middle` of n values.
inline float farthest(float const* sample, Index n, float middle)
{
    Floats const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    auto most = hn::Zero(d);
    Index i = 0;
    for (; i + lanes <= n; i += lanes)
        most = hn::Max(most, hn::Abs(hn::Sub(hn::LoadU(d, sample + i), hn::Set(d, middle))));
    float largest = hn::GetLane(hn::MaxOfLanes(d, most));
    for (; i < n; ++i) largest = std::fabs(sample[i] - middle) > largest ? std::fabs(sample[i] - middle) : largest;
    return largest;
}

struct MedianAndSigma {
    float median, sigma;
};
inline MedianAndSigma robust_scatter(FlagPlane const& plane, float const* values, bool want_sigma)
{
    float* const sample = plane.fit[0];
    float largest = 0;
    Index const n = take_sample(plane, values, sample, largest);
    Index const pair = 2 * static_cast<Index>(hn::Lanes(Floats())), padded = (n + pair - 1) / pair * pair;
    float const middle = median_of_sample(sample, n, padded, largest, 0, false);
    if (!want_sigma) return {middle, 0};
    return {middle, mad_sigma * median_of_sample(sample, n, padded, farthest(sample, n, middle), middle, true)};
}

/// Pairs of good neighbours in sampled integrations, and those of them whose residuals differ by no more than `limit`.
struct Steps {
    Index all = 0, near = 0;
};
inline Steps steps_below(FlagPlane const& plane, bool in_time, float limit)
{
    Floats const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    auto const most = hn::Set(d, limit);
    Index const along = in_time ? 0 : 1, after = in_time ? 1 : 0;
    Steps steps;
    for (Index t = 0; t + after < plane.nt; t += sample_step(plane.nt))
        for (Index c = 0; c < plane.vectors_end(); c += lanes) {
            auto const good =
                hn::And(hn::Not(has_bit(spoilt(plane, c), t)), hn::Not(has_bit(spoilt(plane, c + along), t + after)));
            float const* const at = plane.residual + t * plane.row + c;
            auto const step = hn::Abs(hn::Sub(hn::LoadU(d, at + after * plane.row + along), hn::LoadU(d, at)));
            steps.all += static_cast<Index>(hn::CountTrue(d, good));
            steps.near += static_cast<Index>(hn::CountTrue(d, hn::And(good, hn::Le(step, most))));
        }
    return steps;
}

/// What neighbours in time or frequency, whichever is more, have in common, as SumThresholdRule::common_part says.
inline float common_part(FlagPlane const& plane, float sigma)
{
    float most = 0;
    for (bool in_time : {false, true}) {
        auto steps = steps_below(plane, in_time, SumThresholdRule::largest_step * sigma);
        if (steps.all < SumThresholdRule::fewest_steps || 2 * steps.near < steps.all) continue;
        float low = 0, high = SumThresholdRule::largest_step;
        for (int k = 0; k < SumThresholdRule::step_halvings; ++k) {
            float const half = 0.5F * (low + high);
            steps = steps_below(plane, in_time, half * sigma);
            (2 * steps.near >= steps.all ? high : low) = half;
        }
        most = std::max(most, SumThresholdRule::common_part(0.5F * (low + high)));
    }
    return most;
}

/// Averages of three integrations of good amplitudes, and 1 where there is one.
inline void average_rows(FlagPlane const& plane, Index first, float* value, float* weight)
{
    Floats const d;
    auto const one = hn::Set(d, 1.F);
    Index const last = first + fit_average < plane.nt ? first + fit_average : plane.nt;
    for (Index c = 0; c < plane.vectors_end(); c += static_cast<Index>(hn::Lanes(d))) {
        auto const words = spoilt(plane, c);
        auto sum = hn::Zero(d), count = sum;
        for (Index t = first; t < last; ++t) {
            auto const good = hn::Not(has_bit(words, t));
            sum = hn::Add(sum, hn::IfThenElseZero(good, hn::LoadU(d, plane.amplitude + t * plane.row + c)));
            count = hn::Add(count, hn::IfThenElseZero(good, one));
        }
        auto const some = hn::Gt(count, hn::Zero(d));
        hn::StoreU(hn::IfThenElseZero(some, hn::Div(sum, hn::Max(count, one))), d, value + c);
        hn::StoreU(hn::IfThenElseZero(some, one), d, weight + c);
    }
}

/// Masked Gaussian along frequency of a row that starts fit_half_freq + 1 into its memory and has zeros around it.
inline void smooth_row(FlagPlane const& plane, float const* value, float const* weight, float* to, float* to_weight)
{
    Floats const d;
    float taps[fit_half_freq + 1];
    for (Index k = 0; k <= fit_half_freq; ++k) taps[k] = gaussian_tap(k, fit_sigma_freq);
    for (Index c = 0; c < plane.vectors_end(); c += static_cast<Index>(hn::Lanes(d))) {
        auto const zero_tap = hn::Set(d, taps[0]);
        auto sum = hn::Mul(hn::LoadU(d, value + c), zero_tap), total = hn::Mul(hn::LoadU(d, weight + c), zero_tap);
        for (Index k = 1; k <= fit_half_freq; ++k) {
            auto const tap = hn::Set(d, taps[k]);
            sum = hn::MulAdd(tap, hn::Add(hn::LoadU(d, value + c - k), hn::LoadU(d, value + c + k)), sum);
            total = hn::MulAdd(tap, hn::Add(hn::LoadU(d, weight + c - k), hn::LoadU(d, weight + c + k)), total);
        }
        hn::StoreU(sum, d, to + c);
        hn::StoreU(total, d, to_weight + c);
    }
}

/// residual = amplitude − background. fit[0], fit[1]: smoothed along frequency; fit[2], fit[3]: one averaged row and one background.
inline void fit_background(FlagPlane const& plane)
{
    Floats const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    Index const nd = (plane.nt + fit_average - 1) / fit_average;
    float *value = plane.fit[2] + 32, *weight = plane.fit[3] + 32;
    std::fill_n(plane.fit[2], plane.row, 0.F);
    std::fill_n(plane.fit[3], plane.row, 0.F);
    for (Index i = 0; i < nd; ++i) {
        average_rows(plane, i * fit_average, value, weight);
        smooth_row(plane, value, weight, plane.fit[0] + i * plane.row, plane.fit[1] + i * plane.row);
    }
    for (Index i = 0; i < nd; ++i)
        for (Index c = 0; c < plane.vectors_end(); c += lanes) {
            auto sum = hn::Zero(d), total = sum;
            for (Index k = i > fit_half_time ? i - fit_half_time : 0; k < nd && k <= i + fit_half_time; ++k) {
                auto const tap = hn::Set(d, gaussian_tap(k - i, fit_sigma_time));
                sum = hn::MulAdd(tap, hn::LoadU(d, plane.fit[0] + k * plane.row + c), sum);
                total = hn::MulAdd(tap, hn::LoadU(d, plane.fit[1] + k * plane.row + c), total);
            }
            auto const some = hn::Gt(total, hn::Zero(d));
            auto const background = hn::Div(sum, hn::IfThenElse(some, total, hn::Set(d, 1.F)));
            for (Index t = i * fit_average; t < plane.nt && t < (i + 1) * fit_average; ++t)
                hn::StoreU(
                    hn::IfThenElseZero(some, hn::Sub(hn::LoadU(d, plane.amplitude + t * plane.row + c), background)), d,
                    plane.residual + t * plane.row + c);
        }
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
