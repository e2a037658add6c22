// Oracle of `correct`: one pixel, double precision.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace nocturne::oracle {

/// pixel · axis[x] · axis[y] · Σ c_i s^i, s = 2 (turns / turns_max)² − 1.
inline double corrected(double pixel, double axis_x, double axis_y, std::vector<double> const& c, double turns,
                        double turns_max)
{
    double const s = 2 * turns * turns / (turns_max * turns_max) - 1;
    double sum = 0;
    for (std::size_t i = 0; i < c.size(); ++i) sum += c[i] * std::pow(s, static_cast<double>(i));
    return pixel * axis_x * axis_y * sum;
}

}  // namespace nocturne::oracle
