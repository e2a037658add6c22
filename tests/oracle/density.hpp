// Oracle of `density`: the definition of gridded weights, one visibility at a time.
#pragma once

#include <cmath>
#include <map>
#include <utility>

namespace nocturne::oracle {

/// Row and column of a point of the uv plane on a grid of n cells of `cell` wavelengths, after mirroring to v ≥ 0; a row of
/// −1 means outside.
inline std::pair<long, long> uv_cell(double u_lambda, double v_lambda, long n, double cell)
{
    if (v_lambda < 0) u_lambda = -u_lambda, v_lambda = -v_lambda;
    long const column = static_cast<long>(std::floor(u_lambda / cell + static_cast<double>(n) / 2));
    long const row = static_cast<long>(std::floor(v_lambda / cell));
    if (column < 0 || column >= n || row > n / 2) return {-1, -1};
    return {row, column};
}

/// Harmonic mean of two weights; 0 where one is missing.
inline double harmonic(double a, double b) { return a > 0 && b > 0 ? 2 / (1 / a + 1 / b) : 0; }

using CellSums = std::map<std::pair<long, long>, double>;

}  // namespace nocturne::oracle
