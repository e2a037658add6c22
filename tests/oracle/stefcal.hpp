// Oracle of `stefcal`: Levenberg–Marquardt on logarithms of amplitudes and on phases, in double precision. It minimises
// Σ_b D_b |P_b / D_b − conj(g1) g2|² and leaves the global phase where it began.
#pragma once

#include <cmath>
#include <complex>
#include <utility>
#include <vector>

namespace nocturne::oracle {

struct BaselineSums {
    int one = 0, two = 0;
    std::complex<double> product;  ///< Σ w V conj(M)
    double power = 0;              ///< Σ w |M|²
};

/// Solves the positive definite system A x = b by Gauss–Jordan elimination with pivots on the diagonal.
inline std::vector<double> solve_linear(std::vector<std::vector<double>> a, std::vector<double> b)
{
    std::size_t const n = b.size();
    for (std::size_t k = 0; k < n; ++k) {
        double const pivot = a[k][k];
        for (std::size_t j = 0; j < n; ++j) a[k][j] /= pivot;
        b[k] /= pivot;
        for (std::size_t i = 0; i < n; ++i) {
            if (i == k) continue;
            double const factor = a[i][k];
            for (std::size_t j = 0; j < n; ++j) a[i][j] -= factor * a[k][j];
            b[i] -= factor * b[k];
        }
    }
    return b;
}

inline double misfit(std::vector<BaselineSums> const& data, std::vector<std::complex<double>> const& g)
{
    double sum = 0;
    for (auto const& b : data)
        if (b.power > 0)
            sum += b.power * std::norm(b.product / b.power - std::conj(g[static_cast<std::size_t>(b.one)]) *
                                                                 g[static_cast<std::size_t>(b.two)]);
    return sum;
}

/// From `g`, which need only be near; with `phase_only` amplitudes stay what they are.
inline std::vector<std::complex<double>> fit_gains(std::vector<BaselineSums> const& data,
                                                   std::vector<std::complex<double>> g, bool phase_only)
{
    std::size_t const n = g.size();
    double damping = 1e-3;
    for (int step = 0; step < 200; ++step) {
        std::vector<std::vector<double>> normal(2 * n, std::vector<double>(2 * n));
        std::vector<double> right(2 * n);
        for (auto const& b : data) {
            if (!(b.power > 0)) continue;
            std::size_t const i = static_cast<std::size_t>(b.one), j = static_cast<std::size_t>(b.two);
            std::complex<double> const model = std::conj(g[i]) * g[j], residual = b.product / b.power - model;
            // d model: by ln|g_i| and ln|g_j| model, by the phases −i model and +i model.
            std::pair<std::size_t, std::complex<double>> const slopes[] = {{i, model},
                                                                           {j, model},
                                                                           {n + i, std::complex<double>(0, -1) * model},
                                                                           {n + j, std::complex<double>(0, 1) * model}};
            for (auto const& [a, da] : slopes) {
                right[a] += b.power * (std::conj(da) * residual).real();
                for (auto const& [c, dc] : slopes) normal[a][c] += b.power * (std::conj(da) * dc).real();
            }
        }
        for (std::size_t k = 0; k < 2 * n; ++k) {
            if (phase_only && k < n) {
                for (auto& value : normal[k]) value = 0;
                for (auto& row : normal) row[k] = 0;
                right[k] = 0;
            }
            normal[k][k] = normal[k][k] * (1 + damping) + 1e-12;
        }
        auto const x = solve_linear(normal, right);
        auto next = g;
        for (std::size_t a = 0; a < n; ++a) next[a] *= std::exp(std::complex<double>(x[a], x[n + a]));
        if (misfit(data, next) <= misfit(data, g)) {
            g = next;
            damping *= 0.3;
        } else {
            damping *= 10;
        }
    }
    return g;
}

}  // namespace nocturne::oracle
