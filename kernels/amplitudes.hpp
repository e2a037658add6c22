// Kernel `amplitudes`: how amplitudes are distributed. Enters: a block. Leaves: a histogram of powers for each correlation, grown.
#pragma once

#include "kernels/shared/atomic.hpp"
#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

#include <bit>

namespace nocturne {

/// Shapes: vis, flag [integration][baseline][channel][correlation]; count [correlation][bins]. Every unflagged sample of every `step`-th
/// integration adds 1 to the bin of its |V|²: 32 bins an octave, by the leading bits of the single-precision number. Integers: any
/// order, any split, same bits.
struct AmplitudesArgs {
    View<Vis const, 4> vis;
    View<std::uint8_t const, 4> flag;
    View<std::int64_t, 2> count;
    Index step = 1;
    static constexpr int shift = 18, bins = 1 << 13;

    NOCT_INLINE static int bin(Vis v)
    {
        return static_cast<int>(std::bit_cast<unsigned>(v.re * v.re + v.im * v.im) >> shift) & (bins - 1);
    }
    /// |V|² at the lower edge of a bin.
    static float edge(int bin) { return std::bit_cast<float>(static_cast<unsigned>(bin) << shift); }
};

/// Host: throws Error(defect) where shapes differ.
inline void check(AmplitudesArgs const& args)
{
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.vis.extent[axis] == args.flag.extent[axis], "amplitudes: vis and flag differ in shape");
    NOCT_CHECK(args.count.extent[0] == args.vis.extent[3] && args.count.extent[1] == AmplitudesArgs::bins &&
                   args.count.contiguous(),
               "amplitudes: one histogram per correlation is needed");
    NOCT_CHECK(args.step >= 1, "amplitudes: the step is at least 1");
}

/// One (looked-at integration, channel) over all baselines of the block.
struct AmplitudesCell {
    AmplitudesArgs args;

    NOCT_INLINE void operator()(Index i, Index c) const
    {
        Index const t = i * args.step;
        for (Index b = 0; b < args.vis.extent[1]; ++b)
            for (Index p = 0; p < args.vis.extent[3]; ++p)
                if (!args.flag(t, b, c, p))
                    add_atomically(&args.count(p, AmplitudesArgs::bin(args.vis(t, b, c, p))), 1);
    }
};

void launch(KokkosDevice const&, AmplitudesArgs const&);
void launch(CudaDevice const&, AmplitudesArgs const&);

}  // namespace nocturne
