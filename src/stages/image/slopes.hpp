// The second Taylor term of CLEAN: how fluxes change along the band. Enters: after each major cycle the residual weighed with t = (f −
// f₀) / f₀. Leaves: slopes of components.
//
// I(f) = I₀ + I₁ t, f₀ the weighted mean of the frequencies. The residuals R₀ = Σ w V e^… and R₁ = Σ w t V e^… see I₀ through PSFs weighed
// with w and w t, I₁ through w t and w t² (Sault & Wieringa 1994, A&AS 108, 585; Rau & Cornwell 2011, A&A 532, A71, section 3.2). With this
// f₀ the mixed PSF is 0 at its middle, so that each term is cleaned on its own residual, I₁ where I₀ has components, and what a
// term leaves in the other's residual by its sidelobes is taken away by the next major cycle, exactly: descent by blocks of
// one quadratic form, which has the same end as that by both at once.
#pragma once

#include "stages/image/multiscale.hpp"

#include <map>
#include <string>

namespace nocturne {

class Slopes {
public:
    /// `psf`: that of weights w t², divided by its middle, as of a Cleaner. `widths_px`: of its scales, 0 first.
    Slopes(Device const& device, CleanSettings const& settings, Index n, std::vector<float> psf,
           std::vector<double> const& widths_px);

    /// R₁ divided by the middle of its PSF, in Jy/beam of slope: to be made before each step.
    Buffer<float>& residual() { return residual_; }

    /// One minor cycle where `fluxes` are; false where there is nothing left to find. A cycle that made things worse is taken back: true
    /// then, too. `thermal_jy`: what the noise of fluxes makes of that of slopes, σ / √(Σ w t² / Σ w); sidelobes of slopes that are not found
    /// yet come on top of it in the residual.
    bool step(std::vector<ScaledComponent> const& fluxes, double thermal_jy,
              std::function<void(std::string const&)> const& pulse);

    /// Gives components their slopes; where a slope has no component yet, one without flux comes to it.
    void add_to(std::vector<ScaledComponent>& components) const;
    /// Slopes as pixels, [n × n].
    std::vector<float> image() const;

private:
    void add(std::vector<ScaledComponent> const& found, float sign);
    double look(std::vector<ScaledComponent> const& fluxes);

    Index n_;
    CleanSettings settings_;
    Multiscale minor_;
    Buffer<float> residual_;
    std::map<std::pair<float, Index>, float> slopes_;  ///< by width and pixel
    std::vector<ScaledComponent> last_;
    double least_peak_jy_ = 0;
    int cycles_ = 0;
    bool deep_ = false, ended_ = false;
};

}  // namespace nocturne
