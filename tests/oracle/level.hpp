// Oracle of `level`: sums over the good samples of one (baseline, correlation) plane, and quantiles by sorting.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

namespace nocturne::oracle {

struct Level {
    double count = 0, power = 0, pairs = 0, lag_re = 0, lag_im = 0, lag_power = 0;
    long exponent = 0;
    double median = 0, quartile = 0;
};

/// plane[integration][channel], good likewise.
inline Level level(std::vector<std::vector<std::complex<float>>> const& plane,
                   std::vector<std::vector<bool>> const& good, std::size_t lag = 1)
{
    Level out;
    std::vector<double> powers;
    for (std::size_t t = 0; t < plane.size(); ++t)
        for (std::size_t c = 0; c < plane[t].size(); ++c) {
            if (!good[t][c]) continue;
            std::complex<double> const v = plane[t][c];
            out.count += 1;
            out.power += std::norm(v);
            powers.push_back(std::norm(v));
        }
    std::sort(powers.begin(), powers.end());
    if (!powers.empty()) {
        out.median = powers[(powers.size() - 1) / 2];
        out.quartile = powers[(3 * powers.size() - 1) / 4];
        out.exponent = out.median < 1.1754943508222875e-38 ? -127 : std::ilogb(out.median);
    }
    double const limit = std::ldexp(1.0, static_cast<int>(out.exponent) + 4);
    for (std::size_t t = 0; t < plane.size(); ++t)
        for (std::size_t c = 0; c + lag < plane[t].size(); c += lag) {
            std::complex<double> const v = plane[t][c], next = plane[t][c + lag];
            if (!good[t][c] || !good[t][c + lag] || std::norm(v) >= limit || std::norm(next) >= limit) continue;
            out.pairs += 1;
            out.lag_re += (v * std::conj(next)).real();
            out.lag_im += (v * std::conj(next)).imag();
            out.lag_power += std::norm(v) * std::norm(next);
        }
    return out;
}

}  // namespace nocturne::oracle
