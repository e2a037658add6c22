// For launch files, compiled once per instruction set: eight numbers at a time. Enters and leaves: vectors. Eight, because
// a kernel has at most eight taps and a tile eight columns; on processors that split 512-bit vectors nothing is lost.
#if defined(NOCTURNE_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_LANES_INL
#        undef NOCTURNE_LANES_INL
#    else
#        define NOCTURNE_LANES_INL
#    endif

#    include "nocturne/view.hpp"

#    include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::FixedTag<float, 8>;
using Eight = hn::Vec<Lanes>;

/// Eight complex numbers, real and imaginary parts apart.
struct Complex8 {
    Eight re, im;
};

HWY_INLINE Complex8 load8(float const* at) { return {hn::Load(Lanes(), at), hn::Load(Lanes(), at + 8)}; }
HWY_INLINE void store8(Complex8 a, float* at)
{
    hn::Store(a.re, Lanes(), at);
    hn::Store(a.im, Lanes(), at + 8);
}
HWY_INLINE Complex8 add(Complex8 a, Complex8 b) { return {hn::Add(a.re, b.re), hn::Add(a.im, b.im)}; }
HWY_INLINE Complex8 sub(Complex8 a, Complex8 b) { return {hn::Sub(a.re, b.re), hn::Sub(a.im, b.im)}; }
/// a · (−i)
HWY_INLINE Complex8 turn(Complex8 a) { return {a.im, hn::Neg(a.re)}; }
HWY_INLINE Complex8 scale(Complex8 a, float s)
{
    auto const v = hn::Set(Lanes(), s);
    return {hn::Mul(a.re, v), hn::Mul(a.im, v)};
}
/// a + s b
HWY_INLINE Complex8 add_scaled(Complex8 a, Complex8 b, float s)
{
    auto const v = hn::Set(Lanes(), s);
    return {hn::MulAdd(b.re, v, a.re), hn::MulAdd(b.im, v, a.im)};
}
HWY_INLINE Complex8 twiddle(Complex8 a, float const* w)
{
    auto const re = hn::Set(Lanes(), w[0]), im = hn::Set(Lanes(), w[1]);
    return {hn::MulSub(a.re, re, hn::Mul(a.im, im)), hn::MulAdd(a.re, im, hn::Mul(a.im, re))};
}

/// cos and sin of 2π r for |r| ≤ 1/2 turn, to 2e-7: Taylor series at π r, then the double angle.
HWY_INLINE void cos_sin_turns(Eight r, Eight& cosine, Eight& sine)
{
    Lanes const d;
    auto const x = hn::Mul(r, hn::Set(d, 3.14159265358979324F));
    auto const z = hn::Mul(x, x);
    auto s = hn::Set(d, -2.5052108385441719e-8F);
    s = hn::MulAdd(s, z, hn::Set(d, 2.7557319223985893e-6F));
    s = hn::MulAdd(s, z, hn::Set(d, -1.9841269841269841e-4F));
    s = hn::MulAdd(s, z, hn::Set(d, 8.3333333333333333e-3F));
    s = hn::MulAdd(s, z, hn::Set(d, -0.16666666666666667F));
    s = hn::MulAdd(hn::Mul(s, z), x, x);
    auto c = hn::Set(d, 2.0876756987868099e-9F);
    c = hn::MulAdd(c, z, hn::Set(d, -2.7557319223985891e-7F));
    c = hn::MulAdd(c, z, hn::Set(d, 2.4801587301587302e-5F));
    c = hn::MulAdd(c, z, hn::Set(d, -1.3888888888888889e-3F));
    c = hn::MulAdd(c, z, hn::Set(d, 4.1666666666666667e-2F));
    c = hn::MulAdd(c, z, hn::Set(d, -0.5F));
    c = hn::MulAdd(c, z, hn::Set(d, 1.F));
    auto const twice = hn::Add(s, s);
    sine = hn::Mul(twice, c);
    cosine = hn::NegMulAdd(twice, s, hn::Set(d, 1.F));
}

/// Rows a[0…7] become columns.
HWY_INLINE void transpose8(Eight* a)
{
    Lanes const d;
    Eight b[8];
    for (int i = 0; i < 4; ++i) {
        b[2 * i] = hn::InterleaveLower(d, a[2 * i], a[2 * i + 1]);
        b[2 * i + 1] = hn::InterleaveUpper(d, a[2 * i], a[2 * i + 1]);
    }
    hn::RepartitionToWide<Lanes> const wide;
    Eight c[8];
    for (int half = 0; half < 2; ++half)
        for (int i = 0; i < 2; ++i) {
            auto const low = hn::BitCast(wide, b[4 * half + i]), high = hn::BitCast(wide, b[4 * half + 2 + i]);
            c[4 * half + 2 * i] = hn::BitCast(d, hn::InterleaveLower(wide, low, high));
            c[4 * half + 2 * i + 1] = hn::BitCast(d, hn::InterleaveUpper(wide, low, high));
        }
    for (int i = 0; i < 4; ++i) {
        a[i] = hn::ConcatLowerLower(d, c[4 + i], c[i]);
        a[4 + i] = hn::ConcatUpperUpper(d, c[4 + i], c[i]);
    }
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
