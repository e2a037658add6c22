// Kernel `zeros`: flags samples that cannot be measurements: exact zeros, values that are not finite or beyond 1e18 Jy,
// and autocorrelations. Enters: a block and which baselines are autocorrelations. Leaves: flag bits set, unusable
// values made 0.
#pragma once

#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// Shapes: vis, flag [integration][baseline][channel][correlation]; is_auto [baseline].
/// `vis` is in Jy and is written only where it is not finite (set to 0, so that no later product with a weight of 0
/// makes a NaN). `flag` gains flag_zero, flag_nonfinite, flag_auto; bits already set stay. Aliasing: none. Idempotent
/// but for values made 0, which keep flag_nonfinite. Source of the operations: clipzeros and autocorrelation of CASA
/// flagdata.
struct ZerosArgs {
    View<Vis, 4> vis;
    View<std::uint8_t, 4> flag;
    View<std::uint8_t const, 1> is_auto;
    static constexpr float limit_jy = 1e18F;  ///< its square still fits single precision
};

/// Host: throws Error(defect) where shapes differ.
inline void check(ZerosArgs const& args)
{
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.vis.extent[axis] == args.flag.extent[axis], "zeros: vis and flag differ in shape");
    NOCT_CHECK(args.is_auto.extent[0] == args.vis.extent[1], "zeros: one autocorrelation mark per baseline is needed");
}

/// One row: all channels and correlations of (integration, baseline).
struct ZerosCell {
    ZerosArgs args;

    NOCT_INLINE void operator()(Index integration, Index baseline) const
    {
        std::uint8_t const common = args.is_auto(baseline) ? flag_auto : 0;
        for (Index channel = 0; channel < args.vis.extent[2]; ++channel) {
            for (Index correlation = 0; correlation < args.vis.extent[3]; ++correlation) {
                Vis& v = args.vis(integration, baseline, channel, correlation);
                std::uint8_t& flag = args.flag(integration, baseline, channel, correlation);
                std::uint8_t bits = common;
                bool const usable = abs_below(v.re) && abs_below(v.im);  // false for NaN
                if (!usable) {
                    bits |= flag_nonfinite;
                    v = Vis{};
                } else if (v.re == 0 && v.im == 0 && !(flag & (flag_nonfinite | flag_missing))) {
                    bits |= flag_zero;
                }
                flag |= bits;
            }
        }
    }

    NOCT_INLINE static bool abs_below(float x) { return (x < 0 ? -x : x) <= ZerosArgs::limit_jy; }
};

void launch(KokkosDevice const&, ZerosArgs const&);
void launch(CudaDevice const&, ZerosArgs const&);

}  // namespace nocturne
