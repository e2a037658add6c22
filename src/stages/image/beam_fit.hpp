// The beam of a PSF. Enters: the pixels of a PSF. Leaves: the Gaussian that its main lobe resembles.
#pragma once

#include "nocturne/image.hpp"

namespace nocturne {

/// Fits an elliptical Gaussian of the PSF's own peak, fixed to the centre pixel (n/2, n/2), to the main lobe: the pixels
/// connected to the centre that are at least half the peak; where these are fewer than 9 (a beam of three pixels or less),
/// the centre and its eight neighbours. Widths at half maximum in radians, position angle from north through east in
/// [0, π). `psf` is [y][x]; `cell_rad` the size of a pixel. Zeros where no beam can be fitted: the peak is not positive,
/// or the lobe reaches the edge of the image.
Beam fit_beam(View<float const, 2> psf, double cell_rad);

}  // namespace nocturne
