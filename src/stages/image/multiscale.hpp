// Minor cycles of multiscale CLEAN. Enters: a residual, a PSF, widths. Leaves: components of several widths.
//
// R ⊛ k_s, k_s a Gaussian of unit integral, is searched for each scale s; F_s = (R ⊛ k_s)(x) / p_s, p_s = (PSF ⊛ k_s ⊛ k_s)(0), is the
// flux of the component that takes most out of the residual there, and |F_s| √p_s its significance: a source of shape k_s is most
// significant at its own scale, a point at scale 0 (Cauchy and Schwarz), and the noise of F_s √p_s is that of the image where weights
// are natural. On the scale that is chosen a subminor loop (Offringa & Smirnov 2017, MNRAS 471, 301, section 2.2) runs as a point
// CLEAN with PSF ⊛ k_s ⊛ k_s / p_s; then R −= PSF ⊛ k_s ⊛ components, and the next scale is chosen. Since one PSF is used throughout and
// each component takes at most what its peak holds, χ² falls with every one of them: the loop cannot run away by itself. What could
// make it, a PSF that is not that of the data, ends it: a cycle whose peaks grow is taken back.
//
// Wide scales live on coarse grids (scale_step): R ⊛ k_s is taken there at once, and what its components leave in R is made there
// with a kernel of half the variance, and laid back with the other half.
#pragma once

#include "kernels/smooth.hpp"
#include "stages/image/minor_cycle.hpp"
#include "stages/image/scales.hpp"

#include <functional>
#include <memory>

namespace nocturne {

struct MultiscaleArgs {
    Device device;
    Index n = 0;                    ///< the image is n × n
    std::vector<float> const& psf;  ///< [all × all], its peak at (all/2, all/2)
    Index patch = 0;                ///< side of the PSF's middle that loops over points search with; all: the whole
    std::vector<double> widths_px;  ///< 0 first, then rising
    double bias = 0.9;              ///< of ScaleSettings
    Index components = 0;           ///< of a job, at most
    std::vector<std::uint8_t> const* allowed = nullptr;  ///< [n × n] 0: no component's middle; null: anywhere
};

class Multiscale {
public:
    explicit Multiscale(MultiscaleArgs const& args);

    /// Looks at a residual: the largest significance |F_s| √p_s where components may lie, in Jy/beam.
    double look(Buffer<float> const& residual);

    /// The noise by the finest structure of a residual alone: of what extended sources leave in it, and of their sidelobes, there is
    /// next to nothing. Right for natural weights, where the noise has the spectrum of the PSF.
    double fine_noise(Buffer<float> const& residual);

    /// The components of one minor cycle, after `look`. `rules` as of a point CLEAN; its tiles are not used. The residual is left half
    /// done: it must be made anew, even where none is found.
    std::vector<ScaledComponent> run(Buffer<float>& residual, MinorRules const& rules);

    /// From now on components lie only within three quarters of the width of one of the same scale or a wider one.
    void mask(std::vector<ScaledComponent> const& components);

    /// Widths that the data know something of: others were left out.
    std::vector<double> widths_px() const;

private:
    struct Scale;
    void prepare(Scale& scale, MultiscaleArgs const& args);
    void add_scale(MultiscaleArgs const& args, double width_px);
    void set_mask(Scale& scale, std::vector<std::uint8_t> marks);
    void smooth(Scale& scale, Buffer<float> const& residual);
    void look(Scale& scale, Buffer<float> const& residual);
    void prepare_fine(double width_px);
    void subtract(View<float, 2> image, View<float const, 2> psf, std::vector<CleanComponent> const& components);
    void take_out(Scale& scale, std::vector<CleanComponent> components, Buffer<float>& residual);
    std::vector<CleanComponent> loop(Scale& scale, MinorRules const& rules, Buffer<float>& residual);
    Scale* choose(double stop_jy);
    double largest() const;

    Device device_;
    Index n_;
    Index capacity_;  ///< components of one loop
    Buffer<float> work_, fine_, fine_taps_;
    double fine_gain_ = 0;  ///< variance of noise that is left of 1
    std::vector<std::shared_ptr<Scale>> scales_;
};

}  // namespace nocturne
