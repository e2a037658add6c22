// Kernel `apply_gains`: corrects a block by antenna gains, in place. Enters: visibilities as measured and the inverse of each antenna's
// gain. Leaves: visibilities of the sky, weights scaled to match, flags where an antenna has no solution.
#pragma once

#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// Two places in the antenna axis of the tables below.
struct GainPair {
    std::int32_t one = 0, two = 0;
};

/// Shapes: vis, flag, weight, new_weight, raw [integration][baseline][channel][correlation]; pairs [baseline]; slot [integration];
/// band [slot][antenna][channel][correlation] and drift [integration][antenna][correlation]: 1/g in two factors of the hand that antenna
/// one has in a correlation, 0 where there is no solution; band_two and drift_two those of antenna two (the same memory where every
/// correlation is of one hand). raw, where it has data, becomes vis as it was. With V = conj(g1) g2 sky, V becomes V conj(h1) h2, h = band × drift (Thompson, Moran & Swenson 2017, 10.1), and
/// new_weight = weight / |h1 h2|²: noise that was alike before is not alike after. Where h1 h2 = 0 the sample is flagged
/// flag_static, its weight becomes 0 and V stays. new_weight may be the same memory as weight; vis may not overlap anything else.
struct ApplyGainsArgs {
    View<Vis, 4> vis;
    View<std::uint8_t, 4> flag;
    View<float const, 4> weight;
    View<float, 4> new_weight;
    View<GainPair const, 1> pairs;
    View<std::int32_t const, 1> slot;
    View<Vis const, 4> band;
    View<Vis const, 3> drift;
    View<Vis const, 4> band_two;
    View<Vis const, 3> drift_two;
    View<Vis, 4> raw = {};
};

/// Host: throws Error(defect) where shapes differ.
inline void check(ApplyGainsArgs const& args)
{
    auto const& vis = args.vis;
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.flag.extent[axis] == vis.extent[axis] && args.weight.extent[axis] == vis.extent[axis] &&
                       args.new_weight.extent[axis] == vis.extent[axis],
                   "apply_gains: vis, flag and weights differ in shape");
    NOCT_CHECK(args.pairs.extent[0] == vis.extent[1] && args.slot.extent[0] == vis.extent[0],
               "apply_gains: one pair per baseline and one slot per integration are needed");
    NOCT_CHECK(args.band.extent[2] == vis.extent[2] && args.band.extent[3] == vis.extent[3],
               "apply_gains: band gains are [slot][antenna][channel][correlation]");
    NOCT_CHECK(args.drift.extent[0] == vis.extent[0] && args.drift.extent[1] == args.band.extent[1] &&
                   args.drift.extent[2] == vis.extent[3],
               "apply_gains: drifts are [integration][antenna][correlation]");
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.band_two.extent[axis] == args.band.extent[axis] &&
                       (axis == 3 || args.drift_two.extent[axis] == args.drift.extent[axis]) &&
                       (!args.raw.data || args.raw.extent[axis] == vis.extent[axis]),
                   "apply_gains: gains of the two antennas, or raw and vis, differ in shape");
}

/// conj(a) b
NOCT_INLINE Vis conjugate_product(Vis a, Vis b) { return {a.re * b.re + a.im * b.im, a.re * b.im - a.im * b.re}; }
NOCT_INLINE Vis product_of(Vis a, Vis b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }

/// One sample: row = integration × baselines + baseline, i = channel × correlations + correlation.
struct ApplyGainsCell {
    ApplyGainsArgs args;

    NOCT_INLINE void operator()(Index row, Index i) const
    {
        Index const nb = args.vis.extent[1], np = args.vis.extent[3], t = row / nb, b = row % nb, c = i / np,
                    p = i % np;
        GainPair const pair = args.pairs(b);
        Index const slot = args.slot(t);
        correct(t, b, c, p, conjugate_product(args.band(slot, pair.one, c, p), args.band_two(slot, pair.two, c, p)),
                conjugate_product(args.drift(t, pair.one, p), args.drift_two(t, pair.two, p)));
    }

    NOCT_INLINE void correct(Index t, Index b, Index c, Index p, Vis band, Vis drift) const
    {
        Vis const h = product_of(band, drift);
        float const square = h.re * h.re + h.im * h.im;
        if (args.raw.data) args.raw(t, b, c, p) = args.vis(t, b, c, p);
        if (square > 0) {
            args.vis(t, b, c, p) = product_of(args.vis(t, b, c, p), h);
            args.new_weight(t, b, c, p) = args.weight(t, b, c, p) / square;
        } else {
            args.flag(t, b, c, p) |= flag_static;
            args.new_weight(t, b, c, p) = 0;
        }
    }
};

void launch(KokkosDevice const&, ApplyGainsArgs const&);
void launch(CudaDevice const&, ApplyGainsArgs const&);

}  // namespace nocturne
