// Kernel `power`: what the whole array, and each antenna, receives. Enters: a block, and the scale of each baseline. Leaves: sums of
// integers per antenna, added to what stands there.
#pragma once

#include "kernels/shared/atomic.hpp"
#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// Shapes: vis, flag [integration][baseline][channel][correlation]; scale [baseline][correlation], powers of two; antennas
/// [baseline][2]; sum, lost [antenna][integration][channel]. For both antennas of a baseline, sum += Σ over correlations of
/// round(min(|V|² · scale, limit)), lost += flagged samples; autocorrelations are left out. The array's sum is half of all antennas'.
/// No two threads touch one sum, and sums of integers do not know the order of the baselines. Aliasing: none.
/// Source: the power summed over baselines as a test statistic, Offringa et al. 2015 (PASA 32, e008), section 3.2, in spirit.
struct PowerArgs {
    View<Vis const, 4> vis;
    View<std::uint8_t const, 4> flag;
    View<float const, 2> scale;
    View<std::int32_t const, 2> antennas;
    View<std::int32_t, 3> sum, lost;
    float limit = 0;  ///< limit × samples of one antenna and cell stays below 2^31
};

/// Host: throws Error(defect) where shapes differ.
inline void check(PowerArgs const& args)
{
    auto const& shape = args.vis.extent;
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(shape[axis] == args.flag.extent[axis], "power: vis and flag differ in shape");
    NOCT_CHECK(args.scale.extent[0] == shape[1] && args.scale.extent[1] == shape[3],
               "power: one scale per baseline and correlation is needed");
    NOCT_CHECK(args.antennas.extent[0] == shape[1] && args.antennas.extent[1] == 2,
               "power: two antennas per baseline are needed");
    for (int axis = 0; axis < 3; ++axis)
        NOCT_CHECK(args.sum.extent[axis] == args.lost.extent[axis], "power: sum and lost differ in shape");
    NOCT_CHECK(args.sum.extent[1] == shape[0] && args.sum.extent[2] == shape[2] && args.sum.stride[2] == 1 &&
                   args.lost.stride[2] == 1,
               "power: sums are not [antenna][integration][channel]");
    NOCT_CHECK(args.limit > 0 && args.limit * 2.0 * static_cast<double>(args.sum.extent[0] * shape[3]) <= 0x1p32,
               "power: the sums could leave 32 bits");
}

/// One (integration, channel) over all baselines of the block.
struct PowerCell {
    PowerArgs args;

    NOCT_INLINE void operator()(Index t, Index c) const
    {
        for (Index b = 0; b < args.vis.extent[1]; ++b) {
            Index const ant1 = args.antennas(b, 0), ant2 = args.antennas(b, 1);
            if (ant1 == ant2) continue;
            std::int32_t sum = 0, lost = 0;
            for (Index p = 0; p < args.vis.extent[3]; ++p)
                if (args.flag(t, b, c, p))
                    ++lost;
                else
                    sum += units(args.vis(t, b, c, p), args.scale(b, p), args.limit);
            args.sum(ant1, t, c) += sum;
            args.sum(ant2, t, c) += sum;
            if (lost == 0) continue;
            args.lost(ant1, t, c) += lost;
            args.lost(ant2, t, c) += lost;
        }
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
