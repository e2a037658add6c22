// For launch files, compiled once per instruction set: transforms of eight columns at a time, one in each lane. Enters: a
// buffer [n][re 8, im 8]. Leaves: its forward transform in the same layout. Stockham's autosort form, decimation in
// frequency (Van Loan 1992, ch. 1.7), radices 8, 5, 4, 3, 2; 68 GF/s a core where FFTW's best plan for rows has 37–44.
#if defined(NOCTURNE_LANES_FFT_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_LANES_FFT_INL
#        undef NOCTURNE_LANES_FFT_INL
#    else
#        define NOCTURNE_LANES_FFT_INL
#    endif

#    include "kernels/kokkos/fft_plan.hpp"
#    include "kernels/kokkos/lanes-inl.hpp"

#    include <utility>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
/// Butterflies: r numbers, `stride` floats apart, to r numbers that still need their twiddles.
HWY_INLINE void butterfly2(float const* at, Index stride, Complex8* out)
{
    auto const a = load8(at), b = load8(at + stride);
    out[0] = add(a, b);
    out[1] = sub(a, b);
}

HWY_INLINE void butterfly3(float const* at, Index stride, Complex8* out)
{
    auto const a = load8(at), b = load8(at + stride), c = load8(at + 2 * stride);
    auto const sum = add(b, c);
    auto const mid = add_scaled(a, sum, -0.5F), side = scale(turn(sub(b, c)), 0.86602540378443865F);
    out[0] = add(a, sum);
    out[1] = add(mid, side);
    out[2] = sub(mid, side);
}

HWY_INLINE void butterfly4(float const* at, Index stride, Complex8* out)
{
    auto const a = load8(at), b = load8(at + stride), c = load8(at + 2 * stride), d = load8(at + 3 * stride);
    auto const s0 = add(a, c), s1 = sub(a, c), s2 = add(b, d), s3 = turn(sub(b, d));
    out[0] = add(s0, s2);
    out[1] = add(s1, s3);
    out[2] = sub(s0, s2);
    out[3] = sub(s1, s3);
}

HWY_INLINE void butterfly5(float const* at, Index stride, Complex8* out)
{
    constexpr float c1 = 0.30901699437494742F, c2 = -0.80901699437494742F;
    constexpr float s1 = 0.95105651629515357F, s2 = 0.58778525229247313F;
    auto const a = load8(at), b = load8(at + stride), c = load8(at + 2 * stride), d = load8(at + 3 * stride),
               e = load8(at + 4 * stride);
    auto const p = add(b, e), q = add(c, d), r = turn(sub(b, e)), t = turn(sub(c, d));
    auto const m1 = add_scaled(add_scaled(a, p, c1), q, c2), m2 = add_scaled(add_scaled(a, p, c2), q, c1);
    auto const n1 = add_scaled(scale(r, s1), t, s2), n2 = add_scaled(scale(r, s2), t, -s1);
    out[0] = add(a, add(p, q));
    out[1] = add(m1, n1);
    out[2] = add(m2, n2);
    out[3] = sub(m2, n2);
    out[4] = sub(m1, n1);
}

HWY_INLINE void butterfly8(float const* at, Index stride, Complex8* out)
{
    Complex8 even[4], odd[4];
    butterfly4(at, 2 * stride, even);
    butterfly4(at + stride, 2 * stride, odd);
    constexpr float h = 0.70710678118654752F;
    Complex8 const f1 = scale({hn::Add(odd[1].re, odd[1].im), hn::Sub(odd[1].im, odd[1].re)}, h);
    Complex8 const f2 = turn(odd[2]);
    Complex8 const f3 = scale({hn::Sub(odd[3].im, odd[3].re), hn::Neg(hn::Add(odd[3].re, odd[3].im))}, h);
    out[0] = add(even[0], odd[0]);
    out[4] = sub(even[0], odd[0]);
    out[1] = add(even[1], f1);
    out[5] = sub(even[1], f1);
    out[2] = add(even[2], f2);
    out[6] = sub(even[2], f2);
    out[3] = add(even[3], f3);
    out[7] = sub(even[3], f3);
}

template<int R>
HWY_INLINE void butterfly(float const* at, Index stride, Complex8* out)
{
    if constexpr (R == 2) butterfly2(at, stride, out);
    if constexpr (R == 3) butterfly3(at, stride, out);
    if constexpr (R == 4) butterfly4(at, stride, out);
    if constexpr (R == 5) butterfly5(at, stride, out);
    if constexpr (R == 8) butterfly8(at, stride, out);
}

/// to[p + s (R q + j)] = w^(q j) · Σ_i from[p + s (q + m i)] exp(−2πi i j / R) for q in [0, m), p in [0, s).
template<int R>
void stage(float const* from, float* to, Index m, Index s, float const* twiddles)
{
    for (Index q = 0; q < m; ++q, twiddles += 2 * (R - 1)) {
        for (Index p = 0; p < s; ++p) {
            Complex8 value[R];
            butterfly<R>(from + 16 * (p + s * q), 16 * s * m, value);
            float* out = to + 16 * (p + s * R * q);
            store8(value[0], out);
            for (int j = 1; j < R; ++j) store8(twiddle(value[j], twiddles + 2 * (j - 1)), out + 16 * s * j);
        }
    }
}

/// Transforms eight columns; `data` and `other` are both overwritten, the result lies in the one returned.
inline float* transform8(FftPlan const& plan, float* data, float* other)
{
    Index m = plan.n, s = 1;
    for (auto const& step : plan.steps) {
        m /= step.radix;
        float const* w = plan.twiddles.data() + step.first_twiddle;
        if (step.radix == 8) stage<8>(data, other, m, s, w);
        if (step.radix == 5) stage<5>(data, other, m, s, w);
        if (step.radix == 4) stage<4>(data, other, m, s, w);
        if (step.radix == 3) stage<3>(data, other, m, s, w);
        if (step.radix == 2) stage<2>(data, other, m, s, w);
        s *= step.radix;
        std::swap(data, other);
    }
    return data;
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
