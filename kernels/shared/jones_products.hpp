// What kernel `jones` does with the sums of one baseline. Enters: JonesSumsArgs::sums of a baseline and a solution, the other antenna's matrix. Leaves: N and D
// of an antenna, and its matrix.
#pragma once

#include "kernels/jones_sums.hpp"
#include "kernels/shared/jones_turn.hpp"

namespace nocturne {

/// Sums over the other antennas for JonesTurnSums::cross.
struct JonesCross {
    Vis c[16];
};
/// to += a b.
NOCT_INLINE void add_product(Vis& to, Vis a, Vis b)
{
    to.re += a.re * b.re - a.im * b.im;
    to.im += a.re * b.im + a.im * b.re;
}

/// Adds what one baseline says of its first antenna (`first`), or of its second, whose visibilities are the adjoints.
NOCT_INLINE void add_baseline(float const* sums, bool first, Jones const& j, JonesNormal& to)
{
    Jones const h = square_of(j);
    Vis d[4];
    for (int cd = 0; cd < 4; ++cd)
        for (int ab = 0; ab < 4; ++ab) {
            int const s = first ? 4 * cd + ab : 4 * ab + cd;
            float const sign = first ? 1.F : -1.F;
            add_product(to.n[ab], {sums[s], sign * sums[16 + s]}, j.e[cd]);
            // D of the second is Σ M_db conj(M_ca) H_cd: slot (b, a, d, c)
            int const a = ab / 2, b = ab % 2, c = cd / 2, e = cd % 2;
            int const r = first ? s : 8 * b + 4 * a + 2 * e + c;
            add_product(d[ab], {sums[32 + r], sums[48 + r]}, h.e[cd]);
        }
    to.d11 += d[0].re;
    to.d22 += d[3].re;
    to.d12.re += d[1].re;
    to.d12.im += d[1].im;
}

/// Adds Σ M H_q e_uv Mᴴ H_p of one baseline, elements (y, x), for antenna p with the other's H = `h`.
NOCT_INLINE void add_cross(float const* sums, bool first, Jones const& h, Jones const& own, JonesCross& to)
{
    for (int uv = 0; uv < 4; ++uv) {
        Vis e[4] = {};
        int const u = uv / 2, v = uv % 2;
        for (int ab = 0; ab < 4; ++ab)
            for (int c = 0; c < 2; ++c) {  // M_ac H_cu conj(M_bv), or of the adjoint conj(M_ca) H_cu M_vb
                int const a = ab / 2, b = ab % 2;
                int const s = first ? 4 * (2 * c + v) + ab : 8 * b + 4 * a + 2 * v + c;
                add_product(e[ab], {sums[32 + s], sums[48 + s]}, h.e[2 * c + u]);
            }
        for (int x = 0; x < 2; ++x)
            for (int y = 0; y < 2; ++y) {
                Vis& at = to.c[4 * (2 * x + y) + uv];
                add_product(at, e[2 * y], own.e[x]);
                add_product(at, e[2 * y + 1], own.e[2 + x]);
            }
    }
}

/// N D⁻¹; false where D is singular.
NOCT_INLINE bool divide(JonesNormal const& s, Jones& j)
{
    float const det = s.d11 * s.d22 - s.d12.re * s.d12.re - s.d12.im * s.d12.im;
    if (!(det > 1e-5F * s.d11 * s.d22)) return false;
    for (int row = 0; row < 2; ++row) {
        Vis const one = s.n[2 * row], two = s.n[2 * row + 1], d21{s.d12.re, -s.d12.im};
        Vis left{one.re * s.d22, one.im * s.d22}, right{two.re * s.d11, two.im * s.d11};
        add_product(left, {-two.re, -two.im}, d21);
        add_product(right, {-one.re, -one.im}, s.d12);
        j.e[2 * row] = {left.re / det, left.im / det};
        j.e[2 * row + 1] = {right.re / det, right.im / det};
    }
    return true;
}

}  // namespace nocturne
