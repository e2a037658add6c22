// Oracle of `degrid`: the weighted sum over all cells of all planes, double precision.
#pragma once

#include "tests/oracle/grid.hpp"

namespace nocturne::oracle {

/// exp(+2πi turns) Σ φ φ φ_w cell, conjugated where the point was folded. `cells` as `grid` returns them.
template<class Kernel, class KernelW>
std::complex<double> degrid(LatticePoint const& point, std::vector<std::complex<double>> const& cells, std::size_t n,
                            std::size_t n_planes, double first_plane, Kernel phi, KernelW phi_w)
{
    std::complex<double> sum;
    double const around_n = static_cast<double>(n);
    for (std::size_t k = 0; k < n_planes; ++k) {
        double const w = phi_w(static_cast<double>(k) + first_plane - point.w);
        if (w == 0) continue;
        for (std::size_t row = 0; row < n; ++row) {
            double const v = w * phi(around(static_cast<double>(row), point.v, around_n));
            if (v == 0) continue;
            for (std::size_t column = 0; column < n; ++column)
                sum +=
                    v * phi(around(static_cast<double>(column), point.u, around_n)) * cells[(k * n + row) * n + column];
        }
    }
    sum *= std::polar(1.0, 2 * std::acos(-1.0) * point.turns);
    return point.folded ? std::conj(sum) : sum;
}

}  // namespace nocturne::oracle
