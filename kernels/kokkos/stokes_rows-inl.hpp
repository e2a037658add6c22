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
        return in.hand_a == 0 && in.hand_b == 1 && !in.either && in.form == StokesForm::mean && in.vis.extent[3] == 2 &&
               in.vis.stride[3] == 1 && in.vis.stride[2] == 2 && in.flag.stride[3] == 1 && in.flag.stride[2] == 2 &&
               ((in.weight.stride[3] == 1 && in.weight.stride[2] == 2) ||
                (in.weight.stride[3] == 0 && in.weight.stride[2] == 0)) &&
               factor.stride[2] <= 1;
    }

    /// The weights of both hands as one, where they are not the same for all channels.
    template<class D>
    static HWY_INLINE hn::Vec<D> harmonic_mean(D d, float const* pairs)
    {
        hn::Vec<D> a, b;
        hn::LoadInterleaved2(d, pairs, a, b);
        auto const zero = hn::Zero(d), two = hn::Set(d, 2.0F);
        auto const mean = hn::Mul(hn::Mul(two, a), hn::Div(b, hn::Add(a, b)));
        return hn::IfThenElseZero(hn::And(hn::Gt(a, zero), hn::Gt(b, zero)), hn::IfThenElse(hn::Eq(a, b), a, mean));
    }

    template<bool same_weight, bool same_factor>
    HWY_INLINE Index vectors() const
    {
        hn::ScalableTag<float> const d;
        hn::Rebind<std::uint16_t, decltype(d)> const pairs;
        hn::RebindToUnsigned<decltype(d)> const words;
        auto const lanes = static_cast<Index>(hn::Lanes(d));
        auto const* vis = &in.vis(t, b, channel, 0).re;
        auto const* flag = &in.flag(t, b, channel, 0);
        auto const* w = &in.weight(t, b, channel, 0);
        auto const* f = &factor(t, b, channel);
        auto const half = hn::Set(d, 0.5F),
                   common = hn::Set(d, StokesView::harmonic_mean(*w, *w) * (same_factor ? *f : 1));
        auto const common_factor = hn::Set(d, *f);
        Index c = 0;
        for (; c + lanes <= n; c += lanes) {
            hn::Vec<decltype(d)> are, aim, bre, bim;
            hn::LoadInterleaved4(d, vis + 4 * c, are, aim, bre, bim);
            auto total = same_weight ? common : harmonic_mean(d, w + 2 * c);
            if (!(same_weight && same_factor))
                total = hn::Mul(total, same_factor ? common_factor : hn::LoadU(d, f + c));
            auto const flags =
                hn::PromoteTo(words, hn::LoadU(pairs, reinterpret_cast<std::uint16_t const*>(flag + 2 * c)));
            auto const good = hn::RebindMask(d, hn::Eq(flags, hn::Zero(words)));
            total = hn::IfThenElseZero(good, total);
            auto const used = hn::Gt(total, hn::Zero(d));
            auto const scale = hn::Mul(total, half);
            hn::StoreU(hn::IfThenElseZero(used, hn::Mul(scale, hn::Add(are, bre))), d, re + c);
            hn::StoreU(hn::IfThenElseZero(used, hn::Mul(scale, hn::Add(aim, bim))), d, im + c);
            hn::StoreU(total, d, weight + c);
        }
        return c;
    }

    /// One hand, weighted by the factors alone: the model on its way back to nodes.
    HWY_INLINE bool plain() const
    {
        return in.hand_b < 0 && in.vis.stride[2] == 1 && in.flag.stride[2] == 0 && in.weight.stride[2] == 0 &&
               factor.stride[2] == 1 && in.flag(t, b, channel, in.hand_a) == 0 &&
               in.weight(t, b, channel, in.hand_a) == 1;
    }

    HWY_INLINE Index plain_vectors() const
    {
        hn::ScalableTag<float> const d;
        auto const lanes = static_cast<Index>(hn::Lanes(d));
        auto const* vis = &in.vis(t, b, channel, in.hand_a).re;
        auto const* f = &factor(t, b, channel);
        Index c = 0;
        for (; c + lanes <= n; c += lanes) {
            hn::Vec<decltype(d)> vre, vim;
            hn::LoadInterleaved2(d, vis + 2 * c, vre, vim);
            auto const total = hn::LoadU(d, f + c);
            hn::StoreU(hn::Mul(total, vre), d, re + c);
            hn::StoreU(hn::Mul(total, vim), d, im + c);
            hn::StoreU(total, d, weight + c);
        }
        return c;
    }

    HWY_INLINE void make() const
    {
        Index done = plain() ? plain_vectors() : 0;
        if (paired()) {
            bool const same_weight = in.weight.stride[2] == 0, same_factor = factor.stride[2] == 0;
            done = same_weight ? (same_factor ? vectors<true, true>() : vectors<true, false>())
                               : (same_factor ? vectors<false, true>() : vectors<false, false>());
        }
        for (Index c = done; c < n; ++c) one(c);
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
