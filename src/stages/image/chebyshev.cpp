#include "stages/image/chebyshev.hpp"

#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>

namespace nocturne {
namespace {

/// J_k(θ) for k in [0, n), by Miller's downward recurrence, normalised by J_0 + 2 Σ J_2k = 1 (DLMF 10.12.4).
std::vector<double> bessel_j(int n, double theta)
{
    std::vector<double> j(static_cast<std::size_t>(n), 0.0);
    if (theta < 1e-30) {
        j[0] = 1;
        return j;
    }
    int const start = 2 * ((std::max(n, static_cast<int>(theta)) + 40) / 2);
    double next = 0, here = 1e-200, sum = 0;
    for (int k = start; k >= 0; --k) {
        if (k < n) j[static_cast<std::size_t>(k)] = here;
        if (k % 2 == 0) sum += (k == 0 ? 1 : 2) * here;
        double const previous = 2.0 * k / theta * here - next;
        next = here;
        here = previous;
        if (std::abs(here) > 1e200) {
            for (double& value : j) value *= 1e-250;
            next *= 1e-250;
            here *= 1e-250;
            sum *= 1e-250;
        }
    }
    for (double& value : j) value /= sum;
    return j;
}

}  // namespace

std::vector<double> chebyshev_nodes(int n, double low, double high)
{
    std::vector<double> nodes(static_cast<std::size_t>(n));
    double const middle = 0.5 * (low + high), half = 0.5 * (high - low);
    for (int p = 0; p < n; ++p)
        nodes[static_cast<std::size_t>(p)] = middle - half * std::cos((2 * p + 1) * pi / (2 * n));
    return nodes;
}

void lagrange_row(std::vector<double> const& nodes, double x, double* out)
{
    auto const n = nodes.size();
    double sum = 0;
    for (std::size_t p = 0; p < n; ++p) {
        if (x == nodes[p]) {
            std::fill(out, out + n, 0.0);
            out[p] = 1;
            return;
        }
        double const weight = std::sin((2.0 * static_cast<double>(p) + 1) * pi / (2.0 * static_cast<double>(n)));
        out[p] = (p % 2 == 0 ? weight : -weight) / (x - nodes[p]);
        sum += out[p];
    }
    for (std::size_t p = 0; p < n; ++p) out[p] /= sum;
}

double interpolation_error(int n, double theta)
{
    int const tail = 40, steps = 24;
    auto const bessel = bessel_j(n + tail, theta);
    double worst = 0;
    for (int step = 0; step <= steps; ++step) {
        double const x = static_cast<double>(step) / steps;
        std::complex<double> error = 2 * bessel[static_cast<std::size_t>(n)];
        std::complex<double> phase(0, 1);  // i^j
        double before = 1, here = x;       // T_{j−1}, T_j
        for (int j = 1; j < tail; ++j) {
            error += 4.0 * bessel[static_cast<std::size_t>(n + j)] * here * phase;
            phase *= std::complex<double>(0, 1);
            double const after = 2 * x * here - before;
            before = here;
            here = after;
        }
        worst = std::max(worst, std::abs(error));
    }
    return worst;
}

NodeCounts::NodeCounts(double tolerance) : largest_theta_(most + 1, 0.0)
{
    for (int n = 1; n <= most; ++n) {
        double low = largest_theta_[static_cast<std::size_t>(n - 1)], high = n;
        for (int step = 0; step < 40; ++step) {
            double const middle = 0.5 * (low + high);
            (interpolation_error(n, middle) <= tolerance ? low : high) = middle;
        }
        largest_theta_[static_cast<std::size_t>(n)] = low;
    }
}

int NodeCounts::operator()(double theta) const
{
    auto const found = std::lower_bound(largest_theta_.begin() + 1, largest_theta_.end(), theta);
    if (found == largest_theta_.end()) return 0;
    int const n = static_cast<int>(found - largest_theta_.begin());
    return n <= 16 ? n : std::min(most, (n + 3) / 4 * 4);
}

}  // namespace nocturne
