// Cells of the uv grid for imaging weights, as kernels `density` and `weigh` see them.
#pragma once

#include "nocturne/check.hpp"
#include "nocturne/units.hpp"
#include "nocturne/view.hpp"

#include <cmath>

namespace nocturne {

/// Cells of size 1 / (n_cells · pixel) wavelengths on the half plane v ≥ 0: column ⌊u/cell + n/2⌋, row ⌊v/cell⌋ after a
/// point with v < 0 is mirrored, as WSClean (ImageWeights) and CASA cut them. A point outside the grid has no cell.
struct UvCells {
    Index n_cells = 0;  ///< even; the grid is n_cells/2 + 1 rows by n_cells columns
    double cell_lambda = 0;

    NOCT_HD constexpr Index n_rows() const { return n_cells / 2 + 1; }
    NOCT_HD constexpr Index size() const { return n_rows() * n_cells; }
    /// Cells per metre and hertz.
    NOCT_HD constexpr double scale() const { return 1 / (speed_of_light_m_s * cell_lambda); }

    /// Index of the cell in row-major order, −1 outside; u, v in cells.
    NOCT_INLINE Index at(double u, double v) const
    {
        double const sign = v < 0 ? -1 : 1;
        auto const column = static_cast<Index>(std::floor(sign * u + 0.5 * static_cast<double>(n_cells)));
        auto const row = static_cast<Index>(std::floor(sign * v));
        return column >= 0 && column < n_cells && row < n_rows() ? row * n_cells + column : -1;
    }
};

}  // namespace nocturne
