// Sources in an image, for the report. Enters: an Image. Leaves: peaks above the local noise with position and flux.
#pragma once

#include "nocturne/image.hpp"

#include <vector>

namespace nocturne {

struct FoundSource {
    Direction position;                   ///< ICRS
    double x = 0, y = 0;                  ///< pixels from 0
    double peak_jy = 0, peak_err_jy = 0;  ///< Jy/beam
    double flux_jy = 0, flux_err_jy = 0;
    double position_err_rad = 0;  ///< one sigma, the larger of the two axes
    double snr = 0;               ///< peak over the local rms
    double rms_jy = 0;            ///< local
};

struct FinderArgs {
    double threshold_sigma = 5;  ///< of the local rms
    double floor_jy = 0;         ///< peaks below are not listed (a dirty image: brightest × largest PSF sidelobe)
    Index cell_pixels = 128;     ///< side of the cells in which the rms is estimated
    Index max_sources = 1000;    ///< the brightest are kept
};

/// The local rms on a grid of cells, interpolated bilinearly between their centres. Each cell: median and 1.4826 × MAD of
/// its finite pixels after clipping at 3 sigma until nothing changes.
class NoiseMap {
public:
    NoiseMap(View<float const, 2> image, Index cell_pixels);
    double rms(double x, double y) const { return interpolate(rms_, x, y); }
    double level(double x, double y) const { return interpolate(level_, x, y); }
    /// The least that level + sigmas × rms is anywhere.
    double lowest(double sigmas) const;

private:
    double interpolate(std::vector<double> const& grid, double x, double y) const;
    Index nx_ = 0, ny_ = 0;
    double cell_x_ = 1, cell_y_ = 1;
    std::vector<double> rms_, level_;
};

/// Sources by falling peak. A source is a local maximum within one beam, in an island of pixels above the threshold; its
/// peak and position are those of the fit of gaussian_fit.hpp. In Stokes Q, U, V negative ones are sources, too: by falling |peak|.
/// Throws Error(bad_input) where no pixel is finite.
std::vector<FoundSource> find_sources(Image const& image, FinderArgs const& args = {});

}  // namespace nocturne
