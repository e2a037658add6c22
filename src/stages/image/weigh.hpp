// Imaging weights. Enters: natural weights summed on the cells of the uv grid. Leaves: the factor of each cell, by which a
// natural weight becomes an imaging weight.
#pragma once

#include "kernels/shared/uv_cell.hpp"
#include "stages/image/settings.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// Cells of 1 / (n_pixels · cell_rad) wavelengths.
UvCells uv_cells(ImageSettings const& settings);

/// The density's weights are summed in units of 2^-20.
constexpr double density_scale = 1048576.0;

/// Samples (integration, baseline, channel) beyond the grid: imaging weights other than natural give them none.
struct BeyondGrid {
    Index samples = 0, total = 0;  ///< autocorrelations are not counted
    double all_within_rad = 0;     ///< pixels of this size hold them all
};

/// `uvw_m` [integration][baseline][3], `freq_hz` ascending.
BeyondGrid beyond_grid(std::vector<double> const& uvw_m, std::vector<double> const& freq_hz, UvCells const& cells);

/// What a user should know of it; "" where all lie on the grid.
std::string note_of(BeyondGrid const& beyond);

/// Factors [cells of UvCells] from the sums over the whole group, W_k: 1/W_k (uniform), 1 / (1 + W_k f²) with f² = (5 ·
/// 10^−R)² / (Σ_k W_k² / Σ_k W_k) (Briggs 1995, thesis, New Mexico Tech, section 3.3, as WSClean and CASA compute it); 0
/// where nothing was counted. Throws Error(defect) for natural weights and where a sum has left the range of its integers.
std::vector<float> imaging_factors(Density const& density, ImageSettings const& settings);

/// The taper of each cell: exp(−(π θ |u|)² / (4 ln 2)), whose transform is a Gaussian of width θ at half maximum; 1 without one.
std::vector<float> taper_factors(ImageSettings const& settings);

/// Σ of the imaging weights is kept in this unit. `largest_total` = Σ of the natural weights where it is known (uniform,
/// Briggs; factors are ≤ 1 there, or 1/W_k), 0 where it is not.
double weight_unit(double largest_total);

}  // namespace nocturne
