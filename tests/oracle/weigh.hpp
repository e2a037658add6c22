// Oracle of `weigh`: the factor of the cell that a visibility lies in.
#pragma once

#include "tests/oracle/density.hpp"

#include <vector>

namespace nocturne::oracle {

inline float factor_at(std::vector<float> const& table, double u_lambda, double v_lambda, long n, double cell)
{
    auto const [row, column] = uv_cell(u_lambda, v_lambda, n, cell);
    return row < 0 ? 0.0F : table[static_cast<std::size_t>(row * n + column)];
}

}  // namespace nocturne::oracle
