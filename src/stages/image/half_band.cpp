// Half-band filters by least squares.
#include "stages/image/half_band.hpp"

#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nocturne {
namespace {

double response(std::vector<double> const& taps, double nu)
{
    double sum = 0;
    for (std::size_t j = 0; j < taps.size(); ++j)
        sum += 2 * taps[j] * std::cos(2 * pi * nu * (static_cast<double>(j) + 0.5));
    return sum;
}

/// Least squares by modified Gram–Schmidt on the columns 2 cos(2π ν_i (j + ½)), right side 1.
std::vector<double> solve(std::vector<double> const& nu, int n)
{
    std::size_t const rows = nu.size();
    std::vector<std::vector<double>> q(n, std::vector<double>(rows)), r(n, std::vector<double>(n));
    std::vector<double> rest(rows, 1.0), projection(n), taps(n);
    for (int j = 0; j < n; ++j)
        for (std::size_t i = 0; i < rows; ++i) q[j][i] = 2 * std::cos(2 * pi * nu[i] * (j + 0.5));
    auto const dot = [&](auto const& a, auto const& b) {
        double sum = 0;
        for (std::size_t i = 0; i < rows; ++i) sum += a[i] * b[i];
        return sum;
    };
    for (int j = 0; j < n; ++j) {
        for (int pass = 0; pass < 2; ++pass)
            for (int k = 0; k < j; ++k) {
                double const along = dot(q[k], q[j]);
                r[k][j] += along;
                for (std::size_t i = 0; i < rows; ++i) q[j][i] -= along * q[k][i];
            }
        r[j][j] = std::sqrt(dot(q[j], q[j]));
        for (auto& value : q[j]) value /= r[j][j];
        projection[j] = dot(q[j], rest);
        for (std::size_t i = 0; i < rows; ++i) rest[i] -= projection[j] * q[j][i];
    }
    for (int j = n - 1; j >= 0; --j) {
        taps[j] = projection[j];
        for (int k = j + 1; k < n; ++k) taps[j] -= r[j][k] * taps[k];
        taps[j] /= r[j][j];
    }
    return taps;
}

}  // namespace

std::optional<HalfBand> design_half_band(double band, double error)
{
    int const n_nu = 128;
    std::vector<double> nu(n_nu);
    for (int i = 0; i < n_nu; ++i) nu[i] = 0.5 * band * std::sin(0.5 * pi * (i + 0.5) / n_nu);
    for (int n = 4; n <= max_half_taps; n += 2) {
        auto const taps = solve(nu, n);
        double worst = 0;
        for (int i = 0; i <= 4 * n_nu; ++i)
            worst = std::max(worst, std::abs(response(taps, 0.125 * band * i / n_nu) - 1));
        if (worst > error) continue;
        HalfBand filter;
        filter.half_taps = n;
        for (int j = 0; j < n; ++j) filter.taps[j] = static_cast<float>(taps[j]);
        return filter;
    }
    return std::nullopt;
}

}  // namespace nocturne
