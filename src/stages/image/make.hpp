// From nodes to images: what the pass `image.make` does for one product. Enters: nodes, sums of weights, the header. Leaves:
// an Image with its truth. Tests and the command line call it too.
#pragma once

#include "nocturne/stage.hpp"
#include "stages/image/settings.hpp"
#include "stages/image/wgridder.hpp"

namespace nocturne {

/// The dirty image or the PSF of a group, normalised by the sum of weights. `product` is dirty or psf. Throws
/// Error(bad_input) where nothing is unflagged.
Image make_image(WGridder& gridder, Product product, GroupState const& state, ImageSettings const& settings);

/// Gives images without a beam the one fitted to the PSF among them, if it is there.
void share_beam(std::vector<Image>& images);

}  // namespace nocturne
