// Tuned code of `apply_gains` on the host. Enters: one baseline. Leaves: it corrected, 128 channels at a time; the product of the band gains is made
// once and serves all integrations of a slot.
#pragma once

#include "kernels/apply_gains.hpp"

#include <algorithm>

namespace nocturne::kokkos {

constexpr Index gain_piece = 128;

/// Factors of channels of one baseline, [channel][correlation].
struct GainFactors {
    Vis band[4 * gain_piece];
    float weight[4 * gain_piece];  ///< 1 / |band|², 0 where there is no solution
    bool whole = true;             ///< every sample has a solution
};

inline void make_gain_factors(ApplyGainsArgs const& args, Index slot, GainPair pair, Index first, Index n,
                              GainFactors& f)
{
    Index const np = args.vis.extent[3];
    Vis const *one = &args.band(slot, pair.one, first, 0), *two = &args.band_two(slot, pair.two, first, 0);
    unsigned holes = 0;
    for (Index i = 0; i < n * np; ++i) {
        f.band[i] = conjugate_product(one[i], two[i]);
        float const square = f.band[i].re * f.band[i].re + f.band[i].im * f.band[i].im;
        holes |= !(square > 0);
        f.weight[i] = square > 0 ? 1 / square : 0.F;
    }
    f.whole = holes == 0;
}

/// v[channel][correlation] and weights of a row, `np` known to the compiler.
template<Index np>
void correct_row(Vis* __restrict v, float* __restrict weight, Vis const* drift, GainFactors const& f, Index n)
{
    float by[np];
    for (Index p = 0; p < np; ++p) by[p] = 1 / (drift[p].re * drift[p].re + drift[p].im * drift[p].im);
    for (Index c = 0; c < n; ++c)
        for (Index p = 0; p < np; ++p) {
            Index const i = c * np + p;
            Vis const b = f.band[i], d = drift[p], old = v[i];
            float const hr = b.re * d.re - b.im * d.im, hi = b.re * d.im + b.im * d.re;
            v[i] = {old.re * hr - old.im * hi, old.re * hi + old.im * hr};
            weight[i] *= f.weight[i] * by[p];
        }
}

struct ApplyGainsBaseline {
    ApplyGainsCell cell;

    void operator()(Index b) const
    {
        auto const& args = cell.args;
        GainFactors factors;
        for (Index first = 0; first < args.vis.extent[2]; first += gain_piece) {
            Index const n = std::min(gain_piece, args.vis.extent[2] - first);
            for (Index t = 0, slot = -1; t < args.vis.extent[0]; ++t) {
                if (args.slot(t) != slot)
                    make_gain_factors(args, slot = args.slot(t), args.pairs(b), first, n, factors);
                correct_piece(t, b, first, n, factors);
            }
        }
    }

private:
    void correct_piece(Index t, Index b, Index first, Index n, GainFactors const& factors) const
    {
        auto const& args = cell.args;
        Index const np = args.vis.extent[3];
        GainPair const pair = args.pairs(b);
        Vis drift[4];
        bool whole = factors.whole;
        for (Index p = 0; p < np; ++p) {
            drift[p] = conjugate_product(args.drift(t, pair.one, p), args.drift_two(t, pair.two, p));
            whole = whole && drift[p].re * drift[p].re + drift[p].im * drift[p].im > 0;
        }
        if (!whole) {
            for (Index i = 0; i < n * np; ++i)
                cell.correct(t, b, first + i / np, i % np, factors.band[i], drift[i % np]);
            return;
        }
        if (args.raw.data) std::copy_n(&args.vis(t, b, first, 0), n * np, &args.raw(t, b, first, 0));
        float* weight = &args.new_weight(t, b, first, 0);
        if (args.weight.stride[2] == 0)
            std::fill_n(weight, n * np, args.weight(t, b, first, 0));
        else if (&args.weight(t, b, first, 0) != weight)
            std::copy_n(&args.weight(t, b, first, 0), n * np, weight);
        auto const row = np == 1 ? correct_row<1> : np == 2 ? correct_row<2> : correct_row<4>;
        row(&args.vis(t, b, first, 0), weight, drift, factors, n);
    }
};

}  // namespace nocturne::kokkos
