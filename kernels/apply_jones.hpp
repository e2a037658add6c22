// Kernel `apply_jones`: corrects a block of four correlations by 2 × 2 Jones matrices, in place. Enters: visibilities as measured and the inverse of each
// antenna's matrix. Leaves: visibilities of the sky, weights scaled to match, flags where an antenna has no solution.
#pragma once

#include "kernels/apply_gains.hpp"

namespace nocturne {

/// Shapes: vis, flag, weight, new_weight, raw [integration][baseline][channel][4]; element[2 i + j]: the correlation of feed i with feed j (XX, XY, YX, YY);
/// pairs [baseline]; slot [integration]; inverse [slot][antenna][channel][4]: J⁻¹ by rows, all 0 where there is no solution. With conj(V) = J1 conj(sky) J2ᴴ
/// (CalTable, kind J; Smirnov 2011, A&A 527 A106), conj(V) becomes A conj(V) Bᴴ, A = J1⁻¹, B = J2⁻¹. The four are used together: where one is flagged or
/// without weight, all are; with variances 1/w, new_weight of (i, j) = 1 / Σ_kl |A_ik|² |B_jl|² / w_kl. Where an antenna has no solution the four
/// are flagged flag_static, their weights become 0 and V stays. raw, where it has data, becomes vis as it was. new_weight may be the same
/// memory as weight; vis may not overlap anything else.
struct ApplyJonesArgs {
    View<Vis, 4> vis;
    View<std::uint8_t, 4> flag;
    View<float const, 4> weight;
    View<float, 4> new_weight;
    std::int32_t element[4] = {0, 1, 2, 3};
    View<GainPair const, 1> pairs;
    View<std::int32_t const, 1> slot;
    View<Vis const, 4> inverse;
    View<Vis, 4> raw = {};
};

/// Host: throws Error(defect) where shapes differ.
inline void check(ApplyJonesArgs const& args)
{
    auto const& vis = args.vis;
    NOCT_CHECK(vis.extent[3] == 4, "apply_jones: four correlations are needed");
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.flag.extent[axis] == vis.extent[axis] && args.weight.extent[axis] == vis.extent[axis] &&
                       args.new_weight.extent[axis] == vis.extent[axis] &&
                       (!args.raw.data || args.raw.extent[axis] == vis.extent[axis]) && args.element[axis] >= 0 &&
                       args.element[axis] < 4,
                   "apply_jones: vis, flag, weights and raw differ in shape");
    NOCT_CHECK(args.pairs.extent[0] == vis.extent[1] && args.slot.extent[0] == vis.extent[0],
               "apply_jones: one pair per baseline and one slot per integration are needed");
    NOCT_CHECK(args.inverse.extent[2] == vis.extent[2] && args.inverse.extent[3] == 4,
               "apply_jones: matrices are [slot][antenna][channel][4]");
}

/// Four correlations of one channel: row = integration × baselines + baseline.
struct ApplyJonesCell {
    ApplyJonesArgs args;

    NOCT_INLINE static float square(Vis v) { return v.re * v.re + v.im * v.im; }

    NOCT_INLINE void operator()(Index row, Index c) const
    {
        Index const nb = args.vis.extent[1], t = row / nb, b = row % nb, slot = args.slot(t);
        GainPair const pair = args.pairs(b);
        Vis one[4], two[4], v[4];
        float spread[4];
        float sizes[2] = {0, 0};
        unsigned reasons = 0;
        for (Index e = 0; e < 4; ++e) {
            one[e] = args.inverse(slot, pair.one, c, e);
            two[e] = args.inverse(slot, pair.two, c, e);
            sizes[0] += square(one[e]);
            sizes[1] += square(two[e]);
            Index const p = args.element[e];
            v[e] = args.vis(t, b, c, p);
            float const w = args.weight(t, b, c, p);
            spread[e] = w > 0 ? 1 / w : 0.F;
            reasons |= args.flag(t, b, c, p);
            if (!(w > 0) && args.flag(t, b, c, p) == 0) reasons |= flag_file;
            if (args.raw.data) args.raw(t, b, c, p) = v[e];
        }
        bool const solved = sizes[0] > 0 && sizes[1] > 0;
        if (!solved) reasons |= flag_static;
        for (Index e = 0; e < 4; ++e) {
            Index const p = args.element[e], i = e / 2, j = e % 2;
            if (reasons != 0 && (args.flag(t, b, c, p) == 0 || !solved))
                args.flag(t, b, c, p) = static_cast<std::uint8_t>(args.flag(t, b, c, p) | reasons);
            Vis sum;
            float variance = 0;
            for (Index k = 0; k < 2; ++k)
                for (Index l = 0; l < 2; ++l) {
                    Vis const part = product_of(conjugate_product(one[2 * i + k], v[2 * k + l]), two[2 * j + l]);
                    sum.re += part.re;
                    sum.im += part.im;
                    variance += square(one[2 * i + k]) * square(two[2 * j + l]) * spread[2 * k + l];
                }
            if (solved) args.vis(t, b, c, p) = sum;
            args.new_weight(t, b, c, p) = reasons == 0 && variance > 0 ? 1 / variance : 0.F;
        }
    }
};

void launch(KokkosDevice const&, ApplyJonesArgs const&);
void launch(CudaDevice const&, ApplyJonesArgs const&);

}  // namespace nocturne
