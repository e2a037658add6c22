// For launch files, compiled once per instruction set: `apply_gains` of one baseline, 512 samples at a time. The product of the band gains is made
// once, each part beside itself, and serves all integrations of a slot: a complex product is then two multiplications and one exchange of neighbours.
#if defined(NOCTURNE_APPLY_GAINS_ROW_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_APPLY_GAINS_ROW_INL
#        undef NOCTURNE_APPLY_GAINS_ROW_INL
#    else
#        define NOCTURNE_APPLY_GAINS_ROW_INL
#    endif

#    include "kernels/apply_gains.hpp"

#    include <hwy/highway.h>
#    include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Index gain_samples = 512;

using GainLanes = hn::CappedTag<float, 16>;  ///< parts of samples: re, im, re, im …
using GainWeights = hn::Half<GainLanes>;     ///< one number a sample
using GainVector = hn::Vec<GainLanes>;

/// Factors of samples of one baseline, [channel][correlation].
struct alignas(64) GainFactors {
    float re[2 * gain_samples], im[2 * gain_samples];  ///< each part twice
    float weight[gain_samples];                        ///< 1 / |band|², 0 where there is no solution
    bool whole = true;                                 ///< every sample has a solution
};

/// Of one integration, repeated over a vector; the signed ones are negative where a real part comes out.
struct DriftVectors {
    alignas(64) float re[16], im[16], signed_re[16], signed_im[16], weight[8];
};

struct GainRow {
    Vis* vis;
    float* new_weight;
    float const* weight;  ///< of the samples, or of the whole row
    Index first, n;       ///< samples of the row
};

HWY_INLINE void make_gain_factors(ApplyGainsArgs const& args, Index slot, GainPair pair, GainRow const& row,
                                  GainFactors& f)
{
    Vis const *one = &args.band(slot, pair.one, 0, 0) + row.first,
              *two = &args.band_two(slot, pair.two, 0, 0) + row.first;
    unsigned holes = 0;
    for (Index i = 0; i < row.n; ++i) {
        Vis const h = conjugate_product(one[i], two[i]);
        float const square = h.re * h.re + h.im * h.im;
        f.re[2 * i] = f.re[2 * i + 1] = h.re;
        f.im[2 * i] = f.im[2 * i + 1] = h.im;
        holes |= !(square > 0);
        f.weight[i] = square > 0 ? 1 / square : 0.F;
    }
    f.whole = holes == 0;
}

HWY_INLINE DriftVectors repeat(Vis const* drift, Index np, float common_weight)
{
    DriftVectors r;
    for (Index i = 0; i < 8; ++i) {
        Vis const d = drift[i % np];
        r.re[2 * i] = r.re[2 * i + 1] = d.re;
        r.im[2 * i] = r.im[2 * i + 1] = d.im;
        r.signed_re[2 * i] = -d.re, r.signed_re[2 * i + 1] = d.re;
        r.signed_im[2 * i] = -d.im, r.signed_im[2 * i + 1] = d.im;
        r.weight[i] = common_weight / (d.re * d.re + d.im * d.im);
    }
    return r;
}

/// Samples from a multiple of a vector on, one by one.
HWY_INLINE void correct_rest(GainRow const& row, bool one_weight, DriftVectors const& r, GainFactors const& f,
                             Index from)
{
    for (Index i = from; i < row.n; ++i) {
        Index const k = i % 8;
        Vis const h = product_of({f.re[2 * i], f.im[2 * i]}, {r.re[2 * k], r.im[2 * k]});
        row.vis[i] = product_of(row.vis[i], h);
        row.new_weight[i] = (one_weight ? 1.F : row.weight[i]) * f.weight[i] * r.weight[k];
    }
}

HWY_INLINE void correct_samples(GainRow const& row, bool one_weight, DriftVectors const& r, GainFactors const& f)
{
    GainLanes const d;
    GainWeights const w;
    auto const step = static_cast<Index>(hn::Lanes(w));
    auto const re = hn::Load(d, r.re), im = hn::Load(d, r.im), signed_re = hn::Load(d, r.signed_re),
               signed_im = hn::Load(d, r.signed_im);
    auto const by = hn::Load(w, r.weight);
    float* const parts = &row.vis->re;
    Index i = 0;
    for (; i + step <= row.n; i += step) {
        auto const br = hn::Load(d, f.re + 2 * i), bi = hn::Load(d, f.im + 2 * i), v = hn::LoadU(d, parts + 2 * i);
        auto const hr = hn::NegMulAdd(bi, im, hn::Mul(br, re)), hi = hn::MulAdd(bi, signed_re, hn::Mul(br, signed_im));
        hn::StoreU(hn::MulAdd(hn::Shuffle2301(v), hi, hn::Mul(v, hr)), d, parts + 2 * i);
        auto const factor = hn::Mul(hn::Load(w, f.weight + i), by);
        hn::StoreU(one_weight ? factor : hn::Mul(hn::LoadU(w, row.weight + i), factor), w, row.new_weight + i);
    }
    correct_rest(row, one_weight, r, f, i);
}

/// Where some sample has no solution.
HWY_INLINE void correct_one_by_one(ApplyGainsArgs const& args, Index t, Index b, GainRow const& row, Vis const* drift,
                                   GainFactors const& f)
{
    Index const np = args.vis.extent[3];
    for (Index i = 0; i < row.n; ++i) {
        Index const at = row.first + i;
        ApplyGainsCell{args}.correct(t, b, at / np, at % np, {f.re[2 * i], f.im[2 * i]}, drift[at % np]);
    }
}

HWY_INLINE void correct_row(ApplyGainsArgs const& args, Index t, Index b, GainRow row, GainFactors const& f)
{
    Index const np = args.vis.extent[3];
    GainPair const pair = args.pairs(b);
    bool const one_weight = args.weight.stride[2] == 0;
    Vis drift[4];
    bool whole = f.whole;
    for (Index p = 0; p < np; ++p) {
        drift[p] = conjugate_product(args.drift(t, pair.one, p), args.drift_two(t, pair.two, p));
        whole = whole && drift[p].re * drift[p].re + drift[p].im * drift[p].im > 0;
    }
    if (!whole) {
        correct_one_by_one(args, t, b, row, drift, f);
        return;
    }
    row.vis = &args.vis(t, b, 0, 0) + row.first;
    row.new_weight = &args.new_weight(t, b, 0, 0) + row.first;
    row.weight = &args.weight(t, b, 0, 0) + (one_weight ? 0 : row.first);
    if (args.raw.data) std::copy_n(row.vis, row.n, &args.raw(t, b, 0, 0) + row.first);
    correct_samples(row, one_weight, repeat(drift, np, one_weight ? *row.weight : 1.F), f);
}

void apply_gains_baseline(ApplyGainsArgs const& args, Index b)
{
    GainFactors factors;
    Index const n = args.vis.extent[2] * args.vis.extent[3];
    for (GainRow row{nullptr, nullptr, nullptr, 0, 0}; row.first < n; row.first += gain_samples) {
        row.n = std::min(gain_samples, n - row.first);
        for (Index t = 0, slot = -1; t < args.vis.extent[0]; ++t) {
            if (args.slot(t) != slot) make_gain_factors(args, slot = args.slot(t), args.pairs(b), row, factors);
            correct_row(args, t, b, row, factors);
        }
    }
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
