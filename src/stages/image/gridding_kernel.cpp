// The gridding kernel: table of shapes, polynomials, transform.
#include "stages/image/gridding_kernel.hpp"

#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace nocturne {
namespace {

/// Chebyshev coefficients of f on [−1, 1] up to `degree`, by interpolation on degree + 1 nodes.
std::vector<double> chebyshev_fit(std::function<double(double)> const& f, int degree)
{
    int const n = degree + 1;
    std::vector<double> value(n), coefficient(n);
    for (int k = 0; k < n; ++k) value[k] = f(std::cos(pi * (k + 0.5) / n));
    for (int j = 0; j < n; ++j) {
        double sum = 0;
        for (int k = 0; k < n; ++k) sum += value[k] * std::cos(pi * j * (k + 0.5) / n);
        coefficient[j] = (j == 0 ? 1.0 : 2.0) * sum / n;
    }
    return coefficient;
}

/// The same polynomial in powers of x, lowest first.
std::vector<double> to_powers(std::vector<double> const& chebyshev)
{
    std::size_t const n = chebyshev.size();
    std::vector<double> powers(n), before(n), now(n);
    before[0] = 1;
    if (n > 1) now[1] = 1;
    powers[0] = chebyshev[0];
    for (std::size_t j = 1; j < n; ++j) {
        for (std::size_t i = 0; i < n; ++i) powers[i] += chebyshev[j] * now[i];
        std::vector<double> next(n);
        for (std::size_t i = 0; i < n; ++i) next[i] = (i > 0 ? 2 * now[i - 1] : 0) - before[i];
        before = now;
        now = next;
    }
    return powers;
}

double evaluate(std::vector<double> const& powers, double x)
{
    double sum = 0;
    for (std::size_t i = powers.size(); i-- > 0;) sum = sum * x + powers[i];
    return sum;
}

std::vector<double> tap_powers(KernelShape const& shape, int tap, int degree)
{
    auto const value = [&](double t) { return kernel_value(shape, tap - 0.5 * shape.support + 0.5 * (t + 1)); };
    return to_powers(chebyshev_fit(value, degree));
}

/// Made by perf/kernel_table.py.
// clang-format off
constexpr KernelShape table[] = {
    {4, 1.40, 1.9010, 4.271e-03},
    {4, 1.50, 1.9810, 2.788e-03},
    {4, 1.60, 2.0500, 1.928e-03},
    {4, 1.70, 2.1110, 1.387e-03},
    {4, 1.80, 2.1650, 1.039e-03},
    {4, 1.90, 2.2150, 8.261e-04},
    {4, 2.00, 2.2600, 6.797e-04},
    {4, 2.20, 2.3370, 4.934e-04},
    {4, 2.50, 2.4250, 3.387e-04},
    {4, 3.00, 2.5320, 2.012e-04},
    {5, 1.40, 1.9450, 9.119e-04},
    {5, 1.50, 2.0240, 5.156e-04},
    {5, 1.60, 2.0920, 3.205e-04},
    {5, 1.70, 2.1520, 2.127e-04},
    {5, 1.80, 2.2050, 1.468e-04},
    {5, 1.90, 2.2520, 1.065e-04},
    {5, 2.00, 2.2960, 8.386e-05},
    {5, 2.20, 2.3700, 5.658e-05},
    {5, 2.50, 2.4580, 3.427e-05},
    {5, 3.00, 2.5650, 1.807e-05},
    {6, 1.40, 1.9680, 1.876e-04},
    {6, 1.50, 2.0450, 8.936e-05},
    {6, 1.60, 2.1120, 5.037e-05},
    {6, 1.70, 2.1710, 3.147e-05},
    {6, 1.80, 2.2240, 2.077e-05},
    {6, 1.90, 2.2720, 1.446e-05},
    {6, 2.00, 2.3150, 1.061e-05},
    {6, 2.20, 2.3880, 6.383e-06},
    {6, 2.50, 2.4750, 3.375e-06},
    {6, 3.00, 2.5820, 1.600e-06},
    {7, 1.40, 1.9820, 4.246e-05},
    {7, 1.50, 2.0590, 1.784e-05},
    {7, 1.60, 2.1260, 8.844e-06},
    {7, 1.70, 2.1850, 4.905e-06},
    {7, 1.80, 2.2370, 2.904e-06},
    {7, 1.90, 2.2830, 1.833e-06},
    {7, 2.00, 2.3250, 1.223e-06},
    {7, 2.20, 2.3970, 6.426e-07},
    {7, 2.50, 2.4800, 3.192e-07},
    {7, 3.00, 2.5910, 1.453e-07},
    {8, 1.40, 1.9690, 7.985e-06},
    {8, 1.50, 2.0450, 3.025e-06},
    {8, 1.60, 2.1110, 1.385e-06},
    {8, 1.70, 2.1690, 7.288e-07},
    {8, 1.80, 2.2210, 4.168e-07},
    {8, 1.90, 2.2910, 2.515e-07},
    {8, 2.00, 2.3090, 1.634e-07},
    {8, 2.20, 2.3800, 8.101e-08},
    {8, 2.50, 2.4920, 3.152e-08},
    {8, 3.00, 2.5870, 1.091e-08},
};
// clang-format on

}  // namespace

std::vector<KernelShape> const& kernel_shapes()
{
    static std::vector<KernelShape> const shapes(std::begin(table), std::end(table));
    return shapes;
}

double kernel_value(KernelShape const& shape, double cells)
{
    double const x = 2 * cells / shape.support;
    if (std::abs(x) > 1) return 0;
    return std::cyl_bessel_i(0, shape.b() * std::sqrt(1 - x * x)) / std::cyl_bessel_i(0, shape.b());
}

double kernel_transform(KernelShape const& shape, double nu)
{
    double const z = pi * shape.support * nu, square = shape.b() * shape.b() - z * z;
    double const root = std::sqrt(std::abs(square));
    double const ratio = root < 1e-8 ? 1 : square > 0 ? std::sinh(root) / root : std::sin(root) / root;
    return shape.support * ratio / std::cyl_bessel_i(0, shape.b());
}

std::vector<float> kernel_polynomials(KernelShape const& shape, int degree)
{
    std::vector<float> coefficients(static_cast<std::size_t>(degree + 1) * 8);
    for (int tap = 0; tap < shape.support; ++tap) {
        auto const powers = tap_powers(shape, tap, degree);
        for (int power = 0; power <= degree; ++power) coefficients[power * 8 + tap] = static_cast<float>(powers[power]);
    }
    return coefficients;
}

int polynomial_degree(KernelShape const& shape)
{
    for (int degree = 3; degree < 12; ++degree) {
        double worst = 0;
        for (int tap = 0; tap < shape.support; ++tap) {
            auto const powers = tap_powers(shape, tap, degree);
            for (double t = -1; t <= 1; t += 0.0625)
                worst = std::max(worst, std::abs(evaluate(powers, t) -
                                                 kernel_value(shape, tap - 0.5 * shape.support + 0.5 * (t + 1))));
        }
        if (worst < 0.1 * shape.error) return degree;
    }
    return 12;
}

std::vector<float> inverse_transform_polynomial(KernelShape const& shape, double nu_max, int terms)
{
    auto const value = [&](double s) { return 1 / kernel_transform(shape, nu_max * std::sqrt(0.5 * (s + 1))); };
    auto const powers = to_powers(chebyshev_fit(value, terms - 1));
    return {powers.begin(), powers.end()};
}

}  // namespace nocturne
