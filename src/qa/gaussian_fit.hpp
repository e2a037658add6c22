// Sources in images: position, peak, flux density, with errors. Enters: a cut-out around a source. Leaves: what was measured.
#pragma once

#include "nocturne/gaussian.hpp"
#include "nocturne/image.hpp"
#include "nocturne/view.hpp"

namespace nocturne {

/// How a source is measured.
enum class FitMethod {
    gaussian,  ///< elliptical Gaussian and constant by least squares over the box (restored images)
    beam,      ///< the same with the shape of the beam fixed: a point source
    peak,      ///< maximum of the band-limited interpolation of the image, widths from a Gaussian within half the peak
};

struct SourceFitArgs {
    View<float const, 2> image;     ///< [y][x]
    double near_x = 0, near_y = 0;  ///< where to look, pixels from 0
    Index box = 0;                  ///< side of the box in pixels, odd; 0 = 3 beams, 9 pixels at least
    Ellipse beam;       ///< of the image, in pixels; zeros = unknown: fluxes are then in beams of the source itself
    double rms_jy = 0;  ///< noise of one pixel; errors are 0 where it is 0
    FitMethod method = FitMethod::gaussian;
    bool either_sign = false;  ///< Stokes Q, U, V: the source may be negative
};

/// Pixels from 0. Errors are one standard deviation.
struct SourceFit {
    double x = 0, y = 0, x_err = 0, y_err = 0;
    double peak_jy = 0, peak_err_jy = 0;  ///< Jy/beam
    double flux_jy = 0, flux_err_jy = 0;  ///< peak × area over area of the beam
    Ellipse shape;                        ///< as fitted, not deconvolved
    double constant_jy = 0;
    bool converged = false;
    bool has_area = false;  ///< flux_jy is by the measured area, not the peak alone
    double misfit = 1;      ///< residual of least squares over the noise, where above it: the errors hold it
};

/// Measures the source nearest (near_x, near_y): the brightest pixel of the box, or, where that lies on the box's edge (the
/// slope of a brighter neighbour), the local maximum uphill from the given position.
///
/// Of `either_sign` the largest |value| of the box is meant; peak, flux and constant of a negative source are negative.
///
/// `peak` is the estimator for dirty images. There the image of a point source is the PSF seen from its direction, whatever
/// its shape there, and is band-limited (all uv points lie within 1/(2 cell)), so its maximum between the pixels is its flux
/// density and its position, free of any model; with natural weights it is also the maximum-likelihood estimate. The
/// interpolation is a Kaiser-windowed sinc of 8 pixels to each side (fewer near an edge), good to 1e-4 of the flux density
/// where the beam is at least 4 pixels wide, to 0.1 % at 3 pixels.
///
/// Errors are those of least squares (or of the maximum) in noise of rms_jy whose autocorrelation is the beam; they are what
/// Condon (1997, PASP 109, 166) approximates, and hold for any box. For a point source and `peak` they become rms for the
/// peak and FWHM / (sqrt(8 ln 2) S/N) along each axis for the position.
///
/// Where the residual of least squares is above rms_jy, the source is no such Gaussian, and the errors are as many times larger.
///
/// Throws Error(bad_input) where the position is outside the image or nearer than 4 pixels to its edge, where a pixel of the
/// box is not finite, where nothing in the box is positive, or where the fit does not converge.
SourceFit fit_source(SourceFitArgs const& args);

/// The flux density of a source of a dirty image or residual at (l, m), by the beam that it is seen with there and not by that of the centre.
void take_local_beam(ArrayPlane const& array, double l, double m, SourceFit& fit);

struct Interpolation {
    int half;          ///< pixels used to each side, 8 at most
    double width = 0;  ///< of the narrowest thing in the image, pixels: the beam's minor axis; 0 = unknown
};

/// The value of the band-limited interpolation at (x, y), and its derivatives.
struct Interpolated {
    double value = 0, dx = 0, dy = 0, dxx = 0, dxy = 0, dyy = 0;
};
Interpolated interpolate_image(View<float const, 2> image, double x, double y, Interpolation how);

/// The image at whole pixels from (x, y), `pixels` to each side: [2 pixels + 1][2 pixels + 1], (x, y) in the middle. The
/// image must reach `pixels` + `how.half` beyond it.
struct ResampleReach {
    Index pixels;
    Interpolation how;
};
std::vector<float> resample_around(View<float const, 2> image, double x, double y, ResampleReach reach);

/// Robust noise around a position: 1.4826 × median |v − median| over the finite pixels of the square of `half` pixels to each
/// side, without those within `hole` of it, clipped at 3 sigma until nothing changes; and its own error. `level` is the
/// median. Throws Error(bad_input) where fewer than 30 pixels remain.
struct LocalNoise {
    double rms_jy = 0, rms_err_jy = 0, level_jy = 0;
};
struct LocalNoiseArgs {
    double x = 0, y = 0;
    Index half = 64;
    double hole = 8;
    double beam_area_pixels = 1;  ///< pixels that share one independent value, for rms_err_jy
};
LocalNoise measure_local_noise(View<float const, 2> image, LocalNoiseArgs const& args);

/// Median and robust noise of values (reordered, finite); clips at 3 sigma until nothing changes.
LocalNoise robust_noise(std::vector<float>& values);

}  // namespace nocturne
