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

/// What both and all images of CLEAN have in common: everything but pixels, beam and noise.
Image describe_image(Product product, GroupState const& state, ImageSettings const& settings);

/// The image of some node values in the place of the group's own, normalised and described in the same way.
Image image_of_nodes(WGridder& gridder, Product product, std::vector<Vis> const& values, GroupState const& state,
                     ImageSettings const& settings);

/// Least squares of w − α u − β v over points, by their weights: Image::plane.
class PlaneFit {
public:
    void add(NodeSet const& nodes, PointLine const& line);
    ArrayPlane plane() const;  ///< zeros where baselines lie on a line

private:
    double uu_ = 0, uv_ = 0, vv_ = 0, uw_ = 0, vw_ = 0;
};

/// Gives images without a beam the one fitted to the PSF among them, if it is there.
void share_beam(std::vector<Image>& images);

}  // namespace nocturne
