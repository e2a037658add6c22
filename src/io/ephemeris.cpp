#include "io/ephemeris.hpp"

#include "nocturne/check.hpp"

#include <algorithm>
#include <cstddef>

namespace nocturne {

Interpolator::Interpolator(std::vector<double> x, std::vector<double> y) : x_(std::move(x)), y_(std::move(y))
{
    NOCT_CHECK(!x_.empty() && x_.size() == y_.size(), "an ephemeris needs as many values as times");
    for (std::size_t i = 1; i < x_.size(); ++i) NOCT_CHECK(x_[i] > x_[i - 1], "times of an ephemeris ascend");
    if (x_.size() > 3) solve_slopes();
}

/// Slopes s_i: continuous second derivatives inside, de Boor's end conditions outside; the system is tridiagonal.
void Interpolator::solve_slopes()
{
    std::size_t const n = x_.size();
    std::vector<double> low(n, 0.0), middle(n, 0.0), high(n, 0.0), right(n, 0.0);
    auto const h = [&](std::size_t i) { return x_[i + 1] - x_[i]; };
    auto const d = [&](std::size_t i) { return (y_[i + 1] - y_[i]) / h(i); };
    middle[0] = h(1);
    high[0] = h(0) + h(1);
    right[0] = ((h(0) + 2 * high[0]) * h(1) * d(0) + h(0) * h(0) * d(1)) / high[0];
    for (std::size_t i = 1; i + 1 < n; ++i) {
        low[i] = h(i);
        middle[i] = 2 * (h(i - 1) + h(i));
        high[i] = h(i - 1);
        right[i] = 3 * (h(i) * d(i - 1) + h(i - 1) * d(i));
    }
    double const last = h(n - 2), before = h(n - 3);
    middle[n - 1] = before;
    low[n - 1] = last + before;
    right[n - 1] = (last * last * d(n - 3) + (2 * low[n - 1] + last) * before * d(n - 2)) / low[n - 1];
    for (std::size_t i = 1; i < n; ++i) {
        double const factor = low[i] / middle[i - 1];
        middle[i] -= factor * high[i - 1];
        right[i] -= factor * right[i - 1];
    }
    slope_.assign(n, right[n - 1] / middle[n - 1]);
    for (std::size_t i = n - 1; i-- > 0;) slope_[i] = (right[i] - high[i] * slope_[i + 1]) / middle[i];
}

double Interpolator::operator()(double at) const
{
    if (x_.size() == 1) return y_.front();
    auto const after = std::upper_bound(x_.begin() + 1, x_.end() - 1, at) - x_.begin();
    auto const i = static_cast<std::size_t>(after - 1);
    double const h = x_[i + 1] - x_[i], t = at - x_[i], d = (y_[i + 1] - y_[i]) / h;
    if (slope_.empty()) return y_[i] + d * t;
    double const c = (3 * d - 2 * slope_[i] - slope_[i + 1]) / h, e = (slope_[i] + slope_[i + 1] - 2 * d) / (h * h);
    return y_[i] + t * (slope_[i] + t * (c + t * e));
}

}  // namespace nocturne
