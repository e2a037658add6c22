// Kernel `level`: how strong each baseline is. Enters: a block. Leaves: per (baseline, correlation) the power, how far neighbouring
// channels agree, and by quantiles what powers are usual, by which those of baselines are made comparable.
#pragma once

#include "kernels/shared/atomic.hpp"
#include "kernels/shared/team_sum.hpp"
#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

#include <bit>

namespace nocturne {

/// What `level` says of one (baseline, correlation); sums over the integrations it looks at (every `step`-th), unflagged samples.
struct Level {
    double count = 0, power = 0;     ///< samples; Σ |V|²
    double pairs = 0;                ///< of channels `lag` apart, both at |V|² < 2^(exponent + 4)
    double lag_re = 0, lag_im = 0;   ///< Σ over them of V(c) conj V(c + lag)
    double lag_power = 0;            ///< Σ over them of |V(c)|² |V(c + lag)|²
    std::int64_t exponent = 0;       ///< e with half of the samples at |V|² < 2^(e + 1); 0 where no sample is good
    float median = 0, quartile = 0;  ///< |V|² that half, three quarters of the samples do not exceed, from a histogram

    /// |lag|² against what random phases make of it, which is 1 in the mean, distributed exponentially, whatever the noise's course and
    /// strength that channels `lag` apart do not share; `pairs` of a signal that they do, at any delay. 1 where there is nothing.
    NOCT_INLINE double agreement() const { return lag_power > 0 ? (lag_re * lag_re + lag_im * lag_im) / lag_power : 1; }
};

/// Shapes: vis, flag [integration][baseline][channel][correlation]; level [baseline][correlation], written whole. Of channels every `lag`-th is
/// compared with the next of them. Pairs leave out samples far above the median, so that interference counts by the pairs it touches more than by its power. Sums run in an order that depends on the
/// back end alone.
struct LevelArgs {
    View<Vis const, 4> vis;
    View<std::uint8_t const, 4> flag;
    View<Level, 2> level;
    Index step = 1, lag = 1;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(LevelArgs const& args)
{
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.vis.extent[axis] == args.flag.extent[axis], "level: vis and flag differ in shape");
    NOCT_CHECK(args.level.extent[0] == args.vis.extent[1] && args.level.extent[1] == args.vis.extent[3],
               "level: one entry per baseline and correlation is needed");
    NOCT_CHECK(args.step >= 1 && args.lag >= 1, "level: step and lag are at least 1");
}

/// One (baseline, correlation), a channel a thread.
struct LevelTile {
    static constexpr int pair_exponents = 3;  ///< above the median's, of the samples that are compared
    static constexpr int bins = 2048, bins_of_exponent = 8;
    LevelArgs args;

    struct Plane {
        Index b = 0, p = 0;
    };

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index tile) const
    {
        auto* parts = team.template scratch<double>(static_cast<std::size_t>(team.size()));
        auto* histogram = team.template scratch<std::int32_t>(bins);
        Index const np = args.vis.extent[3];
        Plane const plane{tile / np, tile % np};
        Level all;
        for (int i = team.rank(); i < bins; i += team.size()) histogram[i] = 0;
        team.barrier();
        count(team, parts, histogram, all, plane);
        team.barrier();
        auto const half = quantile(histogram, 0.5 * all.count), most = quantile(histogram, 0.75 * all.count);
        if (all.count > 0) {
            all.exponent = half.bin / bins_of_exponent - 127;
            all.median = half.value;
            all.quartile = most.value;
        }
        compare(team, parts, all, plane, half.bin / bins_of_exponent + pair_exponents);
        team.barrier();  // before a next tile clears the histogram
        if (team.rank() == 0) args.level(plane.b, plane.p) = all;
    }

    template<class Team>
    NOCT_INLINE void count(Team& team, double* parts, std::int32_t* histogram, Level& all, Plane plane) const
    {
        auto const [b, p] = plane;
        Level mine;
        for (Index t = 0; t < args.vis.extent[0]; t += args.step)
            for (Index c = team.rank(); c < args.vis.extent[2]; c += team.size()) {
                if (args.flag(t, b, c, p)) continue;
                float const one = power(args.vis(t, b, c, p));
                mine.count += 1;
                mine.power += static_cast<double>(one);
                if (team.size() == 1)
                    ++histogram[bin_of(one)];
                else
                    add_atomically(histogram + bin_of(one), 1);
            }
        all.count = team_sum(team, parts, mine.count);
        all.power = team_sum(team, parts, mine.power);
    }

    struct Quantile {
        int bin = 0;
        float value = 0;
    };

    /// What `wanted` of the samples do not exceed, in proportion within its bin.
    NOCT_INLINE static Quantile quantile(std::int32_t const* histogram, double wanted)
    {
        constexpr int group = 64;
        double below = 0;
        int at = 0;
        for (; at + group < bins; at += group) {
            std::int32_t sum = 0;
            for (int i = at; i < at + group; ++i) sum += histogram[i];
            if (below + sum >= wanted) break;
            below += sum;
        }
        while (at + 1 < bins && below + histogram[at] < wanted) below += histogram[at++];
        double const low = static_cast<double>(lower_edge(at)), high = static_cast<double>(lower_edge(at + 1)),
                     part = histogram[at] > 0 ? (wanted - below) / histogram[at] : 0;
        return {at, static_cast<float>(low + part * (high - low))};
    }

    NOCT_INLINE static int bin_of(float power)
    {
        return static_cast<int>(std::bit_cast<unsigned>(power) >> 20 & (bins - 1U));
    }
    NOCT_INLINE static float lower_edge(int bin) { return std::bit_cast<float>(static_cast<unsigned>(bin) << 20); }

    template<class Team>
    NOCT_INLINE void compare(Team& team, double* parts, Level& all, Plane plane, int most) const
    {
        Level mine;
        for (Index t = 0; t < args.vis.extent[0]; t += args.step)
            for (Index c = args.lag * team.rank(); c + args.lag < args.vis.extent[2]; c += args.lag * team.size())
                compare_pair(mine, t, c, plane, most);
        all.pairs = team_sum(team, parts, mine.pairs);
        all.lag_re = team_sum(team, parts, mine.lag_re);
        all.lag_im = team_sum(team, parts, mine.lag_im);
        all.lag_power = team_sum(team, parts, mine.lag_power);
    }

    /// Channels c and c + lag, where the biased exponents of both are `most` or less.
    NOCT_INLINE void compare_pair(Level& to, Index t, Index c, Plane plane, int most) const
    {
        auto const [b, p] = plane;
        Vis const v = args.vis(t, b, c, p), next = args.vis(t, b, c + args.lag, p);
        float const one = power(v), two = power(next);
        bool const skip = args.flag(t, b, c, p) | args.flag(t, b, c + args.lag, p) | (biased_exponent(one) > most) |
                          (biased_exponent(two) > most);
        to.pairs += !skip;
        to.lag_re += skip ? 0.0 : static_cast<double>(v.re * next.re + v.im * next.im);
        to.lag_im += skip ? 0.0 : static_cast<double>(v.im * next.re - v.re * next.im);
        to.lag_power += skip ? 0.0 : static_cast<double>(one) * static_cast<double>(two);
    }

    NOCT_INLINE static float power(Vis v) { return v.re * v.re + v.im * v.im; }
    NOCT_INLINE static int biased_exponent(float x)
    {
        return static_cast<int>(std::bit_cast<unsigned>(x) >> 23 & 255U);
    }
};

/// Bytes of scratch for a team of `size` threads.
constexpr std::size_t level_scratch_bytes(int size)
{
    return (static_cast<std::size_t>(size) * sizeof(double) + 63) / 64 * 64 + LevelTile::bins * sizeof(std::int32_t);
}

void launch(KokkosDevice const&, LevelArgs const&);
void launch(CudaDevice const&, LevelArgs const&);

}  // namespace nocturne
