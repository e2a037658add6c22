// For kernels/kokkos/power.cpp, compiled once per instruction set: one row of channels of two correlations side by side. Enters: a
// baseline's row and its scales. Leaves: the sums of both antennas grown.
#if defined(NOCTURNE_POWER_ROW_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_POWER_ROW_INL
#        undef NOCTURNE_POWER_ROW_INL
#    else
#        define NOCTURNE_POWER_ROW_INL
#    endif

#    include "kernels/power.hpp"

#    include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template<class D>
HWY_INLINE hn::Vec<hn::RebindToSigned<D>> power_units(D d, hn::Vec<D> re, hn::Vec<D> im, float scale, float limit)
{
    auto const power = hn::Mul(hn::Add(hn::Mul(re, re), hn::Mul(im, im)), hn::Set(d, scale));
    return hn::NearestInt(hn::Min(power, hn::Set(d, limit)));
}

template<class D>
HWY_INLINE hn::Vec<hn::RebindToSigned<D>> stray_units(D d, hn::Vec<D> re, hn::Vec<D> im, float median, float scale)
{
    auto const off = hn::Sub(hn::Add(hn::Mul(re, re), hn::Mul(im, im)), hn::Set(d, median));
    return hn::NearestInt(hn::Min(hn::Abs(hn::Mul(off, hn::Set(d, scale))), hn::Set(d, PowerArgs::most_stray)));
}

/// Whole vectors of channels of (t, b); returns the first channel that is left to the body.
HWY_INLINE Index power_row(PowerArgs const& args, Index t, Index b)
{
    hn::ScalableTag<float> const d;
    hn::RebindToSigned<decltype(d)> const ints;
    hn::Rebind<std::uint16_t, decltype(d)> const pairs;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    auto const* vis = &args.vis(t, b, 0, 0).re;
    auto const* flag = &args.flag(t, b, 0, 0);
    Index const ant1 = args.antennas(b, 0), ant2 = args.antennas(b, 1), n = args.vis.extent[2];
    auto *sum1 = &args.sum(ant1, t, 0), *sum2 = &args.sum(ant2, t, 0);
    auto *strays1 = &args.strays(ant1, t, 0), *strays2 = &args.strays(ant2, t, 0);
    auto *lost1 = &args.lost(ant1, t, 0), *lost2 = &args.lost(ant2, t, 0);
    float const scale_a = args.scale(b, 0), scale_b = args.scale(b, 1);
    auto const one = hn::Set(ints, 1);
    Index c = 0;
    for (; c + lanes <= n; c += lanes) {
        hn::Vec<decltype(d)> are, aim, bre, bim;
        hn::LoadInterleaved4(d, vis + 4 * c, are, aim, bre, bim);
        auto first = power_units(d, are, aim, scale_a, args.limit),
             second = power_units(d, bre, bim, scale_b, args.limit);
        auto third = stray_units(d, are, aim, args.median(b, 0), args.stray_scale(b, 0)),
             fourth = stray_units(d, bre, bim, args.median(b, 1), args.stray_scale(b, 1));
        auto const bytes = hn::LoadU(pairs, reinterpret_cast<std::uint16_t const*>(flag + 2 * c));
        if (HWY_UNLIKELY(!hn::AllTrue(pairs, hn::Eq(bytes, hn::Zero(pairs))))) {
            auto const wide = hn::PromoteTo(ints, bytes);
            auto const bad_a = hn::Ne(hn::And(wide, hn::Set(ints, 0xff)), hn::Zero(ints)),
                       bad_b = hn::Ne(hn::And(wide, hn::Set(ints, 0xff00)), hn::Zero(ints));
            first = hn::IfThenZeroElse(bad_a, first);
            second = hn::IfThenZeroElse(bad_b, second);
            third = hn::IfThenZeroElse(bad_a, third);
            fourth = hn::IfThenZeroElse(bad_b, fourth);
            auto const lost = hn::Add(hn::IfThenElseZero(bad_a, one), hn::IfThenElseZero(bad_b, one));
            hn::StoreU(hn::Add(hn::LoadU(ints, lost1 + c), lost), ints, lost1 + c);
            hn::StoreU(hn::Add(hn::LoadU(ints, lost2 + c), lost), ints, lost2 + c);
        }
        auto const both = hn::Add(first, second);
        hn::StoreU(hn::Add(hn::LoadU(ints, sum1 + c), both), ints, sum1 + c);
        hn::StoreU(hn::Add(hn::LoadU(ints, sum2 + c), both), ints, sum2 + c);
        auto const two = hn::Add(third, fourth);
        hn::StoreU(hn::Add(hn::LoadU(ints, strays1 + c), two), ints, strays1 + c);
        hn::StoreU(hn::Add(hn::LoadU(ints, strays2 + c), two), ints, strays2 + c);
    }
    return c;
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
