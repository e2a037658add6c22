// For launch files, compiled once per instruction set: rows of weighted Stokes-I samples, real parts, imaginary parts and
// weights apart. Enters: a block's samples, flags, weights, factors. Leaves: w V and w, as StokesView defines them.
#if defined(NOCTURNE_STOKES_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_STOKES_ROWS_INL
#        undef NOCTURNE_STOKES_ROWS_INL
#    else
#        define NOCTURNE_STOKES_ROWS_INL
#    endif

#    include "nocturne/stokes.hpp"

#    include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// n channels from `channel` of (t, b) into three rows.
struct StokesRow {
    StokesView const& in;
    View<float const, 3> const& factor;
    Index t, b, channel, n;
    float *re, *im, *weight;

    HWY_INLINE void one(Index c) const
    {
        auto const sample = in(t, b, channel + c);
        float const w = sample.weight * factor(t, b, channel + c);
        re[c] = w * sample.re;
        im[c] = w * sample.im;
        weight[c] = w;
    }

    /// Both hands of a channel lie side by side, and channels one after another.
    HWY_INLINE bool paired() const
    {
        return in.hand_a == 0 && in.hand_b == 1 && in.vis.extent[3] == 2 && in.vis.stride[3] == 1 &&
               in.vis.stride[2] == 2 && in.flag.stride[3] == 1 && in.flag.stride[2] == 2 &&
               ((in.weight.stride[3] == 1 && in.weight.stride[2] == 2) ||
                (in.weight.stride[3] == 0 && in.weight.stride[2] == 0)) &&
               factor.stride[2] <= 1;
    }

    HWY_INLINE void vectors() const
    {
        hn::ScalableTag<float> const d;
        hn::Rebind<std::uint16_t, decltype(d)> const pairs;
        hn::RebindToUnsigned<decltype(d)> const words;
        auto const lanes = static_cast<Index>(hn::Lanes(d));
        auto const* vis = &in.vis(t, b, channel, 0).re;
        auto const* flag = &in.flag(t, b, channel, 0);
        auto const* w = &in.weight(t, b, channel, 0);
        auto const* f = &factor(t, b, channel);
        bool const same_weight = in.weight.stride[2] == 0, same_factor = factor.stride[2] == 0;
        auto const zero = hn::Zero(d), half = hn::Set(d, 0.5F), one_ = hn::Set(d, 1.0F), two = hn::Set(d, 2.0F);
        Index c = 0;
        for (; c + lanes <= n; c += lanes) {
            hn::Vec<decltype(d)> are, aim, bre, bim, wa, wb;
            hn::LoadInterleaved4(d, vis + 4 * c, are, aim, bre, bim);
            if (same_weight)
                wa = wb = hn::Set(d, *w);
            else
                hn::LoadInterleaved2(d, w + 2 * c, wa, wb);
            auto const mean = hn::Div(two, hn::Add(hn::Div(one_, wa), hn::Div(one_, wb)));
            auto const both = hn::And(hn::Gt(wa, zero), hn::Gt(wb, zero));
            auto const flags =
                hn::PromoteTo(words, hn::LoadU(pairs, reinterpret_cast<std::uint16_t const*>(flag + 2 * c)));
            auto const used = hn::And(both, hn::RebindMask(d, hn::Eq(flags, hn::Zero(words))));
            auto total = hn::IfThenElseZero(used, hn::IfThenElse(hn::Eq(wa, wb), wa, mean));
            auto const vre = hn::IfThenElseZero(used, hn::Mul(half, hn::Add(are, bre)));
            auto const vim = hn::IfThenElseZero(used, hn::Mul(half, hn::Add(aim, bim)));
            total = hn::Mul(total, same_factor ? hn::Set(d, *f) : hn::LoadU(d, f + c));
            hn::StoreU(hn::Mul(total, vre), d, re + c);
            hn::StoreU(hn::Mul(total, vim), d, im + c);
            hn::StoreU(total, d, weight + c);
        }
        for (; c < n; ++c) one(c);
    }

    HWY_INLINE void make() const
    {
        if (paired())
            vectors();
        else
            for (Index c = 0; c < n; ++c) one(c);
    }
};

/// Σ of a row in 16 partial sums, whatever the vector length.
HWY_INLINE double sum_of_row(float const* row, Index n)
{
    double part[16] = {};
    Index c = 0;
    for (; c + 16 <= n; c += 16)
        for (int i = 0; i < 16; ++i) part[i] += static_cast<double>(row[c + i]);
    for (; c < n; ++c) part[c % 16] += static_cast<double>(row[c]);
    double sum = 0;
    for (double p : part) sum += p;
    return sum;
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
