// Oracle of `grid`: the sum over all cells of all planes, weights from the kernel's formula, double precision.
#pragma once

#include <cmath>
#include <complex>
#include <cstddef>
#include <vector>

namespace nocturne::oracle {

/// A point in cells and planes (w ≥ 0 after the fold), with the phase of the shift of n − 1 in turns.
struct LatticePoint {
    double u, v, w, turns;
    std::complex<double> value;  ///< as given; conjugated here where the point was folded
    bool folded;
};

/// Folds a point to w ≥ 0. Scales are cells (planes, turns) per metre and hertz.
inline LatticePoint fold(double const* uvw_m, double freq_hz, double const* scale, std::complex<double> value)
{
    double const s = uvw_m[2] < 0 ? -1 : 1;
    return {s * uvw_m[0] * freq_hz * scale[0],
            s * uvw_m[1] * freq_hz * scale[1],
            s * uvw_m[2] * freq_hz * scale[2],
            s * uvw_m[2] * freq_hz * scale[3],
            value,
            s < 0};
}

/// Distance from integer `cell` to `x` on a circle of n cells.
inline double around(double cell, double x, double n)
{
    double const d = cell - x;
    return d - n * std::round(d / n);
}

/// Sum at (row, column, plane): Σ φ φ φ_w value exp(−2πi turns).
template<class Kernel, class KernelW>
std::vector<std::complex<double>> grid(std::vector<LatticePoint> const& points, std::size_t n, std::size_t n_planes,
                                       double first_plane, Kernel phi, KernelW phi_w)
{
    std::vector<std::complex<double>> sum(n * n * n_planes);
    double const cells = static_cast<double>(n);
    for (auto const& point : points) {
        auto const value =
            (point.folded ? std::conj(point.value) : point.value) * std::polar(1.0, -2 * std::acos(-1.0) * point.turns);
        for (std::size_t k = 0; k < n_planes; ++k) {
            double const w = phi_w(static_cast<double>(k) + first_plane - point.w);
            if (w == 0) continue;
            for (std::size_t row = 0; row < n; ++row) {
                double const v = w * phi(around(static_cast<double>(row), point.v, cells));
                if (v == 0) continue;
                for (std::size_t column = 0; column < n; ++column)
                    sum[(k * n + row) * n + column] +=
                        v * phi(around(static_cast<double>(column), point.u, cells)) * value;
            }
        }
    }
    return sum;
}

}  // namespace nocturne::oracle
