// Kernel `level`: how strong each baseline is. Enters: a block. Leaves: per (baseline, correlation) the power, how far neighbouring
// channels agree, and the power of two by which powers of baselines are made comparable.
#pragma once

#include "kernels/shared/team_sum.hpp"
#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

#include <bit>

namespace nocturne {

/// What `level` says of one (baseline, correlation); sums over the integrations it looks at (every `step`-th), unflagged samples.
struct Level {
    double count = 0, power = 0;  ///< samples; Σ |V|²
    double pairs = 0, lag = 0;    ///< pairs of neighbouring channels; Σ Re V(c) conj V(c + 1) over them
    std::int64_t exponent = 0;    ///< e with half of the samples at |V|² < 2^(e + 1); 0 where no sample is good
};

/// Shapes: vis, flag [integration][baseline][channel][correlation]; level [baseline][correlation], written whole. lag/power is
/// S²/(S² + 2σ²) for a signal of amplitude S that neighbouring channels share and noise of σ per real part: 0 where an antenna hears
/// nothing. Sums run in an order that depends on the back end alone.
struct LevelArgs {
    View<Vis const, 4> vis;
    View<std::uint8_t const, 4> flag;
    View<Level, 2> level;
    Index step = 1;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(LevelArgs const& args)
{
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.vis.extent[axis] == args.flag.extent[axis], "level: vis and flag differ in shape");
    NOCT_CHECK(args.level.extent[0] == args.vis.extent[1] && args.level.extent[1] == args.vis.extent[3],
               "level: one entry per baseline and correlation is needed");
    NOCT_CHECK(args.step >= 1, "level: the step is at least 1");
}

/// Bytes of scratch for a team of `size` threads.
constexpr std::size_t level_scratch_bytes(int size)
{
    return (static_cast<std::size_t>(size) * sizeof(double) + 63) / 64 * 64;
}

/// One (baseline, correlation), a channel a thread.
struct LevelTile {
    LevelArgs args;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index tile) const
    {
        auto* parts = team.template scratch<double>(static_cast<std::size_t>(team.size()));
        Index const np = args.vis.extent[3], b = tile / np, p = tile % np;
        Level mine;
        for (Index t = 0; t < args.vis.extent[0]; t += args.step)
            for (Index c = team.rank(); c < args.vis.extent[2]; c += team.size()) take(mine, t, b, c, p);
        Level all;
        all.count = team_sum(team, parts, mine.count);
        all.power = team_sum(team, parts, mine.power);
        all.pairs = team_sum(team, parts, mine.pairs);
        all.lag = team_sum(team, parts, mine.lag);
        int low = 0, high = 255;  // the least biased exponent that half of the samples do not exceed
        while (low < high && all.count > 0) {
            int const middle = (low + high) / 2;
            if (2 * team_sum(team, parts, not_above(team, middle, b, p)) >= all.count)
                high = middle;
            else
                low = middle + 1;
        }
        all.exponent = all.count > 0 ? low - 127 : 0;
        if (team.rank() == 0) args.level(b, p) = all;
    }

    NOCT_INLINE void take(Level& to, Index t, Index b, Index c, Index p) const
    {
        if (args.flag(t, b, c, p)) return;
        Vis const v = args.vis(t, b, c, p);
        to.count += 1;
        to.power += static_cast<double>(power(v));
        if (c + 1 == args.vis.extent[2] || args.flag(t, b, c + 1, p)) return;
        Vis const next = args.vis(t, b, c + 1, p);
        to.pairs += 1;
        to.lag += static_cast<double>(v.re * next.re + v.im * next.im);
    }

    template<class Team>
    NOCT_INLINE double not_above(Team& team, int exponent, Index b, Index p) const
    {
        double n = 0;
        for (Index t = 0; t < args.vis.extent[0]; t += args.step)
            for (Index c = team.rank(); c < args.vis.extent[2]; c += team.size())
                n += !args.flag(t, b, c, p) && biased_exponent(power(args.vis(t, b, c, p))) <= exponent;
        return n;
    }

    NOCT_INLINE static float power(Vis v) { return v.re * v.re + v.im * v.im; }
    NOCT_INLINE static int biased_exponent(float x)
    {
        return static_cast<int>(std::bit_cast<unsigned>(x) >> 23 & 255U);
    }
};

void launch(KokkosDevice const&, LevelArgs const&);
void launch(CudaDevice const&, LevelArgs const&);

}  // namespace nocturne
