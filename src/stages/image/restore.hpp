// From CLEAN's components to images: the model as the telescope's beam would show it, and as pixels. Enters: points and Gaussians
// anywhere between the pixels, a beam, a residual. Leaves: images.
#pragma once

#include "nocturne/image.hpp"

namespace nocturne {

/// residual + Σ components × Gaussian of peak 1 with the widths of `beam`, each at its exact place: Jy to Jy/beam; of a component that is
/// a Gaussian itself, the convolution of both. [n × n], row-major.
/// The Gaussian is cut where it is below 1e-7. Throws Error(bad_input) where the beam has no width: no PSF could be fitted.
std::vector<float> restore(std::vector<float> const& residual, std::vector<ModelComponent> const& components,
                           Beam const& beam, ImageGeometry const& geometry);

/// The model in Jy/pixel. A component between pixels is shared by 4 × 4 of them with the weights of cubic interpolation (Lagrange):
/// their sum is its flux, their mean place and second and third moments are its own, and its visibilities are right to 1 % on
/// baselines whose fringes are 8 pixels long or longer. A Gaussian is
/// taken at the pixels' middles. What falls outside of the image is lost to it.
std::vector<float> model_image(std::vector<ModelComponent> const& components, ImageGeometry const& geometry);

}  // namespace nocturne
