// Kernel `power`: what the whole array, and each antenna, receives. Enters: a block, and the scale of each baseline. Leaves: sums of
// integers per antenna, added to what stands there.
#pragma once

#include "kernels/shared/atomic.hpp"
#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// Shapes: vis, flag [integration][baseline][channel][correlation]; scale, median, stray_scale [baseline][correlation];
/// antennas [baseline][2]; sum, strays, lost [antenna][integration][channel]. For both antennas of a baseline, over its correlations, sum +=
/// Σ round(min(|V|² · scale, limit)), strays += Σ round(min(| |V|² − median | · stray_scale, most_stray)), lost += flagged samples;
/// autocorrelations are left out. The array's sum is half of all antennas'.
/// No two threads touch one sum, and sums of integers do not know the order of the baselines. Aliasing: none.
/// Source: the power summed over baselines as a test statistic, Offringa et al. 2015 (PASA 32, e008), section 3.2, in spirit.
struct PowerArgs {
    View<Vis const, 4> vis;
    View<std::uint8_t const, 4> flag;
    View<float const, 2> scale, median, stray_scale;
    View<std::int32_t const, 2> antennas;
    View<std::int32_t, 3> sum, strays, lost;
    float limit = 0;                          ///< limit × samples of one antenna and cell stays below 2^31
    static constexpr float most_stray = 256;  ///< likewise
};

/// Host: throws Error(defect) where shapes differ.
inline void check(PowerArgs const& args)
{
    auto const& shape = args.vis.extent;
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(shape[axis] == args.flag.extent[axis], "power: vis and flag differ in shape");
    for (auto const& each : {args.scale, args.median, args.stray_scale})
        NOCT_CHECK(each.extent[0] == shape[1] && each.extent[1] == shape[3],
                   "power: one scale, median and scale of strays per baseline and correlation are needed");
    NOCT_CHECK(args.antennas.extent[0] == shape[1] && args.antennas.extent[1] == 2,
               "power: two antennas per baseline are needed");
    for (int axis = 0; axis < 3; ++axis)
        NOCT_CHECK(args.sum.extent[axis] == args.lost.extent[axis] && args.sum.extent[axis] == args.strays.extent[axis],
                   "power: sum, strays and lost differ in shape");
    NOCT_CHECK(args.sum.extent[1] == shape[0] && args.sum.extent[2] == shape[2] && args.sum.stride[2] == 1 &&
                   args.strays.stride[2] == 1 && args.lost.stride[2] == 1,
               "power: sums are not [antenna][integration][channel]");
    NOCT_CHECK(args.limit >= PowerArgs::most_stray &&
                   args.limit * 2.0 * static_cast<double>(args.sum.extent[0] * shape[3]) <= 0x1p32,
               "power: the sums could leave 32 bits");
}

/// One (integration, channel) over all baselines of the block. Of a run of baselines with one first antenna, that is added to once.
struct PowerCell {
    PowerArgs args;

    /// What one cell adds to an antenna.
    struct Share {
        std::int32_t sum = 0, strays = 0, lost = 0;
    };

    NOCT_INLINE void operator()(Index t, Index c) const
    {
        Index first = -1;
        Share of_first;
        for (Index b = 0; b < args.vis.extent[1]; ++b) {
            Index const ant1 = args.antennas(b, 0), ant2 = args.antennas(b, 1);
            if (ant1 == ant2) continue;
            if (ant1 != first) {
                if (first >= 0) put(first, t, c, of_first);
                first = ant1;
                of_first = {};
            }
            Share const share = share_of(t, b, c);
            of_first = {of_first.sum + share.sum, of_first.strays + share.strays, of_first.lost + share.lost};
            put(ant2, t, c, share);
        }
        if (first >= 0) put(first, t, c, of_first);
    }

    NOCT_INLINE Share share_of(Index t, Index b, Index c) const
    {
        Share share;
        for (Index p = 0; p < args.vis.extent[3]; ++p)
            if (args.flag(t, b, c, p)) {
                ++share.lost;
            } else {
                Vis const v = args.vis(t, b, c, p);
                share.sum += units(v, args.scale(b, p), args.limit);
                share.strays += stray(v, args.median(b, p), args.stray_scale(b, p));
            }
        return share;
    }

    NOCT_INLINE void put(Index antenna, Index t, Index c, Share const& share) const
    {
        args.sum(antenna, t, c) += share.sum;
        args.strays(antenna, t, c) += share.strays;
        if (share.lost != 0) args.lost(antenna, t, c) += share.lost;
    }

    NOCT_INLINE static std::int32_t stray(Vis v, float median, float scale)
    {
        float const off = (v.re * v.re + v.im * v.im - median) * scale, size = off < 0 ? -off : off;
        return static_cast<std::int32_t>(round_to_int64(size < PowerArgs::most_stray ? size : PowerArgs::most_stray));
    }

    NOCT_INLINE static std::int32_t units(Vis v, float scale, float limit)
    {
        float const power = (v.re * v.re + v.im * v.im) * scale;
        return static_cast<std::int32_t>(round_to_int64(power < limit ? power : limit));
    }
};

void launch(KokkosDevice const&, PowerArgs const&);
void launch(CudaDevice const&, PowerArgs const&);

}  // namespace nocturne
