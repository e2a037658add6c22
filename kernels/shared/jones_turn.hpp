// The matrix T common to all antennas that kernel `jones` steps along: δ_p = J_p T. Its normal equations follow from sums per antenna. Units e_xy of the
// sixteen products are counted 4 k + l, k = 2 x + y of the one, l = 2 u + v of the other.
#pragma once

#include "nocturne/vis.hpp"

namespace nocturne {

/// A 2 × 2 matrix by rows.
struct Jones {
    Vis e[4];
};

/// N and D of an antenna, or a part of them; D by its two real diagonal elements and its 12.
struct JonesNormal {
    Vis n[4];
    float d11 = 0, d22 = 0;
    Vis d12;
};

/// Sums that T follows from: gradient Σ_p (J_pᴴ (N_p − J_p D_p))_xy; own Σ_p D_yv H_ux; cross Σ_p (E_p^uv H_p)_yx, E_p^uv = Σ_q M_pq H_q e_uv M_pqᴴ, H = JᴴJ;
/// power Σ_p tr(J_p D_p J_pᴴ).
struct JonesTurnSums {
    Vis gradient[4], own[16], cross[16];
    float power = 0;
    static constexpr int size = 2 * 36 + 1;
};

/// a + b c
NOCT_INLINE Vis multiply_add(Vis a, Vis b, Vis c)
{
    return {a.re + b.re * c.re - b.im * c.im, a.im + b.re * c.im + b.im * c.re};
}
NOCT_INLINE Vis conjugate(Vis a) { return {a.re, -a.im}; }

/// JᴴJ
NOCT_INLINE Jones square_of(Jones const& j)
{
    Jones h{};
    for (int c = 0; c < 2; ++c)
        for (int d = 0; d < 2; ++d)
            for (int k = 0; k < 2; ++k)
                h.e[2 * c + d] = multiply_add(h.e[2 * c + d], conjugate(j.e[2 * k + c]), j.e[2 * k + d]);
    return h;
}

/// gradient, own and power of one antenna.
NOCT_INLINE void set_own(JonesNormal const& s, Jones const& j, JonesTurnSums& to)
{
    Vis const d[4] = {{s.d11, 0}, s.d12, conjugate(s.d12), {s.d22, 0}};
    Jones left{};  // N − J D
    to.power = 0;
    for (int i = 0; i < 4; ++i) {
        Vis const product = multiply_add(multiply_add({}, j.e[i & 2], d[i & 1]), j.e[(i & 2) + 1], d[2 + (i & 1)]);
        left.e[i] = {s.n[i].re - product.re, s.n[i].im - product.im};
        to.power += j.e[i].re * product.re + j.e[i].im * product.im;
    }
    Jones const h = square_of(j);
    for (int x = 0; x < 2; ++x)
        for (int y = 0; y < 2; ++y) {
            to.gradient[2 * x + y] =
                multiply_add(multiply_add({}, conjugate(j.e[x]), left.e[y]), conjugate(j.e[2 + x]), left.e[2 + y]);
            for (int u = 0; u < 2; ++u)
                for (int v = 0; v < 2; ++v)
                    to.own[4 * (2 * x + y) + 2 * u + v] = multiply_add({}, d[2 * y + v], h.e[2 * u + x]);
        }
}

/// Row and column of the 8 × 8 normal matrix: parameter k + 4 r is the real (r = 0) or imaginary part of element k of T.
NOCT_INLINE double turn_element(JonesTurnSums const& sums, int row, int column)
{
    int const k = row % 4, l = column % 4, r = row / 4, s = column / 4;
    Vis const own = sums.own[4 * k + l], one = sums.cross[4 * k + l], two = sums.cross[4 * l + k];
    // Re(iʳ conj(iˢ) own) and Re(iʳ iˢ cross), the latter made symmetric
    double const straight = r == s ? own.re : r > s ? -own.im : own.im;
    double const cross_re = 0.5 * (static_cast<double>(one.re) + two.re),
                 cross_im = 0.5 * (static_cast<double>(one.im) + two.im);
    return straight + (r + s == 0 ? cross_re : r + s == 2 ? -cross_re : -cross_im);
}

/// Solves the normal equations by elimination with the largest pivots on the diagonal, as far as those exceed `least` of the mean diagonal; what they leave
/// stays 0. `a` [8][9] is scratch. Returns the share of the power by which the misfit falls.
NOCT_INLINE double solve_turn(JonesTurnSums const& sums, double* a, Vis (&turn)[4])
{
    constexpr double least = 1e-5, longest = 0.5;
    double trace = 0, right[8], x[8];
    for (int i = 0; i < 8; ++i) {
        Vis const g = sums.gradient[i % 4];
        right[i] = a[9 * i + 8] = i < 4 ? g.re : g.im;
        for (int j = 0; j < 8; ++j) a[9 * i + j] = turn_element(sums, i, j);
        trace += turn_element(sums, i, i);
        x[i] = 0;
    }
    unsigned done = 0;
    for (int step = 0; step < 8; ++step) {
        int pivot = -1;
        for (int i = 0; i < 8; ++i)
            if (!(done >> i & 1U) && (pivot < 0 || a[10 * i] > a[10 * pivot])) pivot = i;
        if (!(a[10 * pivot] > least * trace / 8)) break;
        done |= 1U << pivot;
        for (int i = 0; i < 8; ++i) {
            if (i == pivot) continue;
            double const factor = a[9 * i + pivot] / a[10 * pivot];
            for (int j = 0; j < 9; ++j) a[9 * i + j] -= factor * a[9 * pivot + j];
        }
    }
    double fall = 0, square = 0;
    for (int i = 0; i < 8; ++i) {
        if (done >> i & 1U) x[i] = a[9 * i + 8] / a[10 * i];
        fall += x[i] * right[i];
        square += x[i] * x[i];
    }
    double const factor = square > longest * longest ? longest / std::sqrt(square) : 1;
    for (int k = 0; k < 4; ++k) turn[k] = {static_cast<float>(factor * x[k]), static_cast<float>(factor * x[4 + k])};
    return sums.power > 0 ? fall / sums.power : 0;
}

/// J (1 + T/2) (1 − T/2)⁻¹
NOCT_INLINE Jones turned(Jones const& j, Vis const (&turn)[4])
{
    Vis const p[4] = {{1 + 0.5F * turn[0].re, 0.5F * turn[0].im},
                      {0.5F * turn[1].re, 0.5F * turn[1].im},
                      {0.5F * turn[2].re, 0.5F * turn[2].im},
                      {1 + 0.5F * turn[3].re, 0.5F * turn[3].im}};
    Vis const m[4] = {{2 - p[0].re, -p[0].im}, {-p[1].re, -p[1].im}, {-p[2].re, -p[2].im}, {2 - p[3].re, -p[3].im}};
    Vis const minus{-m[1].re, -m[1].im}, det = multiply_add(multiply_add({}, m[0], m[3]), minus, m[2]);
    float const size = 1 / (det.re * det.re + det.im * det.im);
    Vis const over{det.re * size, -det.im * size};
    Vis const inverse[4] = {m[3], minus, {-m[2].re, -m[2].im}, m[0]};
    Jones middle{}, result{};
    for (int i = 0; i < 4; ++i)
        middle.e[i] = multiply_add(multiply_add({}, j.e[i & 2], p[i & 1]), j.e[(i & 2) + 1], p[2 + (i & 1)]);
    for (int i = 0; i < 4; ++i) {
        Vis const sum = multiply_add(multiply_add({}, middle.e[i & 2], inverse[i & 1]), middle.e[(i & 2) + 1],
                                     inverse[2 + (i & 1)]);
        result.e[i] = multiply_add({}, sum, over);
    }
    return result;
}

}  // namespace nocturne
