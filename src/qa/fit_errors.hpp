// Errors of fits in correlated noise. Enters: pixels of a fit, derivatives of what was fitted, the beam. Leaves: variances.
#pragma once

#include "nocturne/gaussian.hpp"

#include <array>
#include <vector>

namespace nocturne {

/// A quantity that is linear in the noise of pixels, to first order: δf = Σ coefficient · noise.
using Functional = std::vector<double>;

/// The noise of an interferometer's image with natural weights has the PSF as its autocorrelation; here the Gaussian of its
/// beam: ⟨n_i n_j⟩ = rms² exp(−½ dᵀ Q d). Gives sqrt of the variance of each f over the places of `samples`; 0 of an empty one.
std::array<double, 4> errors_of(std::array<Functional const*, 4> const& f, std::vector<PixelSample> const& samples,
                                Ellipse const& beam, double rms);
double error_of(Functional const& f, std::vector<PixelSample> const& samples, Ellipse const& beam, double rms);

/// The parameters of a least-squares fit as functionals of the noise, (JᵀJ)⁻¹ Jᵀ: empty for those held fixed, and all empty
/// where JᵀJ is singular.
std::vector<Functional> functionals_of(Gaussian const& fitted, std::vector<PixelSample> const& samples,
                                       GaussianFitOptions const& options);

/// Of the logarithm of the area of the ellipse, −½ ln det Q, from the functionals of qxx, qxy, qyy.
Functional log_area(Gaussian const& fitted, std::vector<Functional> const& parameters);

}  // namespace nocturne
