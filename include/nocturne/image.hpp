// Images and what must be known to write one down truthfully.
#pragma once

#include "nocturne/units.hpp"
#include "nocturne/view.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace nocturne {

/// A square SIN-projected image. Pixel (row y, column x), both from 0; the centre is pixel (n/2, n/2) (FITS: n/2 + 1).
/// l = −(x − n/2)·cell grows to the east (left), m = (y − n/2)·cell to the north (up).
struct ImageGeometry {
    Index n_pixels = 0;  ///< even
    double cell_rad = 0;
    Direction centre;  ///< ICRS
};

/// A part of CLEAN's model: direction cosines from the image's centre, anywhere between its pixels; a point, or a Gaussian.
struct ModelComponent {
    double l = 0, m = 0;
    double apparent_jy = 0;                           ///< as the beam lets it through; of a Gaussian its integral
    double major_rad = 0, minor_rad = 0, pa_rad = 0;  ///< widths at half maximum, angle from +m through +l; 0: a point
    double slope_jy = 0;                              ///< d apparent_jy / d (f / f₀), f₀ the image's frequency
};

/// Baselines of a nearly flat array: w = α u + β v. Seen from (l, m) its uv plane is sheared: (u, v) − w (l, m) / n.
struct ArrayPlane {
    double alpha = 0, beta = 0;
    /// Area of the PSF in the centre over that at (l, m).
    double narrowing(double l, double m) const { return 1 - (alpha * l + beta * m) / std::sqrt(1 - l * l - m * m); }
};

/// A restoring beam: full widths at half maximum, position angle from north through east.
struct Beam {
    double major_rad = 0, minor_rad = 0, pa_rad = 0;
};

enum class Product { dirty, psf, image, residual, model, pb, pbcor, weight, noise, alpha, alpha_error };

constexpr const char* product_names[] = {"dirty", "psf",    "image", "residual", "model",      "pb",
                                         "pbcor", "weight", "noise", "alpha",    "alpha-error"};
/// "dirty", "psf", …: as in file names and `images --json`.
inline const char* name(Product product) { return product_names[static_cast<int>(product)]; }

/// Every sample of the group is one of these; the sum is integrations × baselines × channels × correlations.
struct SampleCount {
    Index used = 0;
    Index by_reason[8] = {};  ///< by lowest set bit of FlagReason
    Index total() const
    {
        Index sum = used;
        for (Index n : by_reason) sum += n;
        return sum;
    }
};

/// One channel of a cube.
struct CubePlane {
    double freq_hz = 0, bandwidth_hz = 0, noise_jy = 0;
    Beam beam;
    ArrayPlane array{};  ///< as Image::plane
};

/// One image plane on the host, row-major [y][x], with its truth.
struct Image {
    Product product = Product::dirty;
    ImageGeometry geometry;
    std::vector<float> pixels;  ///< Jy/beam (psf, pb: 1 at the peak; model: Jy/pixel; weight: 1/(Jy/beam)²)
    double freq_hz = 0;         ///< weighted mean of the frequencies used
    double bandwidth_hz = 0;
    double mid_time_mjd_s = 0, duration_s = 0;
    Beam beam;            ///< fitted to the PSF; zeros where it could not be
    double noise_jy = 0;  ///< robust rms of the image
    double sum_weight = 0;
    ArrayPlane plane;          ///< dirty, residual: what makes the PSF of each place
    std::string stokes = "I";  ///< "I", or the one polarization that was imaged: "XX", "XY", …
    std::string weighting;     ///< natural, uniform, briggs
    double robust = 0, epsilon = 0;
    double dish_m = 0;         ///< pb, pbcor, noise, weight: diameter of the dish whose beam was taken; else 0
    std::string beam_model{};  ///< of these: AIRY, GAUSSIAN or FITS; empty: none
    double pb_limit = 0;       ///< pbcor, noise, weight: below this primary beam pixels are NaN
    std::string clean_end{};   ///< why CLEAN ended: threshold, iterations or divergence; empty: there was none
    std::int64_t iterations = 0, major_cycles = 0;  ///< of CLEAN
    double taper_rad = 0;                           ///< width at half maximum of the Gaussian of the uv taper; 0: none
    double uv_min_lambda = 0, uv_max_lambda = 0;    ///< baselines outside were left out; 0: no limit
    double averaging_loss = 0;                      ///< most that averaging takes from a source in a corner; 0: none
    std::vector<CubePlane> planes{};  ///< a cube: pixels are [plane][y][x], by frequency; empty: one image
};

}  // namespace nocturne
