// Oracle of the full-polarisation kernels: 2 × 2 matrices in double precision, V = J1 M J2ᴴ, and a least-squares fit of them by Gauss–Newton with
// damping on the samples themselves, without sums.
#pragma once

#include "tests/oracle/stefcal.hpp"

#include <array>

namespace nocturne::oracle {

/// By rows: XX, XY, YX, YY.
using Matrix = std::array<std::complex<double>, 4>;

inline Matrix product(Matrix const& a, Matrix const& b)
{
    return {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]};
}
inline Matrix adjoint(Matrix const& a) { return {std::conj(a[0]), std::conj(a[2]), std::conj(a[1]), std::conj(a[3])}; }
inline Matrix inverse(Matrix const& a)
{
    auto const det = a[0] * a[3] - a[1] * a[2];
    return {a[3] / det, -a[1] / det, -a[2] / det, a[0] / det};
}

/// One sample of four correlations.
struct JonesSample {
    int one = 0, two = 0;
    Matrix vis, model;
    double weight = 0;
};

inline Matrix predicted(JonesSample const& s, std::vector<Matrix> const& j)
{
    return product(product(j[static_cast<std::size_t>(s.one)], s.model), adjoint(j[static_cast<std::size_t>(s.two)]));
}

inline double misfit(std::vector<JonesSample> const& samples, std::vector<Matrix> const& j)
{
    double sum = 0;
    for (auto const& s : samples) {
        auto const fit = predicted(s, j);
        for (std::size_t k = 0; k < 4; ++k) sum += s.weight * std::norm(s.vis[k] - fit[k]);
    }
    return sum;
}

/// From `j`, which need only be near. Parameters are the eight parts of each matrix.
inline std::vector<Matrix> fit_jones(std::vector<JonesSample> const& samples, std::vector<Matrix> j)
{
    std::size_t const n = 8 * j.size();
    double damping = 1e-3;
    for (int step = 0; step < 40; ++step) {
        std::vector<std::vector<double>> normal(n, std::vector<double>(n));
        std::vector<double> right(n);
        for (auto const& s : samples) {
            auto const fit = predicted(s, j);
            auto const i1 = static_cast<std::size_t>(s.one), i2 = static_cast<std::size_t>(s.two);
            std::vector<std::pair<std::size_t, Matrix>> slopes;
            for (std::size_t k = 0; k < 8; ++k) {
                Matrix unit{};
                unit[k / 2] = k % 2 ? std::complex<double>(0, 1) : 1.0;
                slopes.push_back({8 * i1 + k, product(product(unit, s.model), adjoint(j[i2]))});
                slopes.push_back({8 * i2 + k, product(product(j[i1], s.model), adjoint(unit))});
            }
            for (auto const& [a, da] : slopes) {
                for (std::size_t k = 0; k < 4; ++k)
                    right[a] += s.weight * (std::conj(da[k]) * (s.vis[k] - fit[k])).real();
                for (auto const& [c, dc] : slopes)
                    for (std::size_t k = 0; k < 4; ++k) normal[a][c] += s.weight * (std::conj(da[k]) * dc[k]).real();
            }
        }
        for (std::size_t k = 0; k < n; ++k) normal[k][k] = normal[k][k] * (1 + damping) + 1e-9;
        auto const x = solve_linear(normal, right);
        auto next = j;
        for (std::size_t k = 0; k < n; ++k)
            next[k / 8][k % 8 / 2] += x[k] * (k % 2 ? std::complex<double>(0, 1) : std::complex<double>(1));
        if (misfit(samples, next) <= misfit(samples, j)) {
            j = next;
            damping *= 0.3;
        } else {
            damping *= 10;
        }
    }
    return j;
}

}  // namespace nocturne::oracle
