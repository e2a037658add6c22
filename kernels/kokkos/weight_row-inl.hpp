// For launch files, compiled once per instruction set: natural weights of a row of channels, as StokesView defines them.
#if defined(NOCTURNE_WEIGHT_ROW_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_WEIGHT_ROW_INL
#        undef NOCTURNE_WEIGHT_ROW_INL
#    else
#        define NOCTURNE_WEIGHT_ROW_INL
#    endif

#    include "nocturne/stokes.hpp"

#    include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// weight[c] of channels [0, n) of (t, b). Where one weight holds for all, flags of both hands are read in pairs.
HWY_INLINE void weights_of_row(StokesView const& in, Index t, Index b, Index n, float* weight)
{
    bool const paired = in.hand_a == 0 && in.hand_b == 1 && !in.either && in.vis.extent[3] == 2 &&
                        in.flag.stride[3] == 1 && in.flag.stride[2] == 2 && in.weight.stride[2] == 0 &&
                        in.weight.stride[3] == 0;
    Index c = 0;
    if (paired) {
        hn::ScalableTag<float> const d;
        hn::Rebind<std::uint16_t, decltype(d)> const pairs;
        hn::RebindToUnsigned<decltype(d)> const words;
        auto const lanes = static_cast<Index>(hn::Lanes(d));
        float const w = in.weight(t, b, 0, 0);
        auto const common = hn::Set(d, StokesView::harmonic_mean(w, w));
        auto const* flag = &in.flag(t, b, 0, 0);
        for (; c + lanes <= n; c += lanes) {
            auto const pair = hn::LoadU(pairs, reinterpret_cast<std::uint16_t const*>(flag + 2 * c));
            auto const good = hn::Eq(hn::PromoteTo(words, pair), hn::Zero(words));
            hn::StoreU(hn::IfThenElseZero(hn::RebindMask(d, good), common), d, weight + c);
        }
    }
    for (; c < n; ++c) weight[c] = in.weight_of(t, b, c);
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
