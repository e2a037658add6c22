// Restoring: the model as the telescope's beam would show it. Enters: a model, a beam, a residual. Leaves: their sum.
#pragma once

#include "nocturne/image.hpp"

namespace nocturne {

/// residual + model ∗ Gaussian, the Gaussian of peak 1 with the widths of `beam`: Jy/pixel to Jy/beam. Both [n × n], row-major.
/// The Gaussian is cut where it is below 1e-7. Throws Error(bad_input) where the beam has no width: no PSF could be fitted.
std::vector<float> restore(std::vector<float> const& residual, std::vector<float> const& model, Beam const& beam,
                           ImageGeometry const& geometry);

}  // namespace nocturne
