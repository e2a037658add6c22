// Oracle of `statistics`: sorts, and sums in long double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace nocturne::oracle {

struct Statistics {
    std::size_t n = 0, at_min = 0, at_max = 0;
    double mean = 0, rms = 0, median = 0, deviation = 0;
};

/// `deviation` is the median of |x − median|; medians of an even number are the upper of the two middle values.
inline Statistics statistics(std::vector<float> const& pixels)
{
    Statistics s;
    std::vector<double> finite;
    long double sum = 0, squares = 0;
    bool first = true;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (!std::isfinite(pixels[i])) continue;
        if (first || pixels[i] < pixels[s.at_min]) s.at_min = i;
        if (first || pixels[i] > pixels[s.at_max]) s.at_max = i;
        first = false;
        finite.push_back(pixels[i]);
        sum += pixels[i];
        squares += static_cast<long double>(pixels[i]) * pixels[i];
    }
    s.n = finite.size();
    if (s.n == 0) return s;
    s.mean = static_cast<double>(sum / s.n);
    s.rms = static_cast<double>(std::sqrt(squares / s.n));
    std::sort(finite.begin(), finite.end());
    s.median = finite[s.n / 2];
    for (double& x : finite) x = std::abs(x - s.median);
    std::sort(finite.begin(), finite.end());
    s.deviation = finite[s.n / 2];
    return s;
}

}  // namespace nocturne::oracle
