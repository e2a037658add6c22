// The beam of a PSF. Enters: the pixels of a PSF, or its samples. Leaves: the Gaussian that its main lobe resembles.
#pragma once

#include "nocturne/image.hpp"
#include "nocturne/node_set.hpp"

#include <string>

namespace nocturne {

/// Fits an elliptical Gaussian of the PSF's own peak, fixed to the centre pixel (n/2, n/2), to the main lobe: the pixels
/// connected to the centre that are at least half the peak; where these are fewer than 9 (a beam of three pixels or less),
/// the centre and its eight neighbours. Widths at half maximum in radians, position angle from north through east in
/// [0, π). `psf` is [y][x]; `cell_rad` the size of a pixel. Zeros where no beam can be fitted: the peak is not positive,
/// or the lobe reaches the edge of the image.
Beam fit_beam(View<float const, 2> psf, double cell_rad);

/// The area of a fitted beam over that of the main lobe, both at half maximum: far from 1 where sidelobes above half the peak touch the lobe. 1 where
/// the lobe has too few pixels to tell, or no beam was fitted.
double swelling_of_beam(View<float const, 2> psf, Beam const& beam, double cell_rad);

/// What a swelling means, for the notes of a result; "" where it is small.
std::string note_of_swelling(double swelling);

/// For where none can be fitted: the PSF's widths at half maximum along the axes of the second moments of the samples in the uv plane, with
/// their weights, from the samples themselves. No narrower than two pixels, where a component between pixels keeps 0.84 of its peak or
/// more along an axis; no longer than a hundred times its width. `nodes.psf` is complete and has weight.
Beam beam_of_weights(NodeSet const& nodes, double cell_rad);

/// For the notes of a result whose beam this is.
std::string note_of_beam(Beam const& beam);

}  // namespace nocturne
