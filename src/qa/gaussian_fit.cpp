// Enters: an image and a position. Leaves: the source there.
#include "qa/gaussian_fit.hpp"

#include "nocturne/error.hpp"
#include "nocturne/lobe.hpp"
#include "qa/fit_errors.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace nocturne {
namespace {

constexpr Index margin = 4;  ///< pixels that a peak must keep from the edge
constexpr int most_half = 8;
constexpr double samples_a_beam = 5;

struct Pixel {
    Index x, y;
};

Error refused(SourceFitArgs const& args, std::string const& reason, std::string const& advice)
{
    return Error(Code::bad_input, "no source could be measured",
                 reason + " near pixel (" + std::to_string(std::llround(args.near_x) + 1) + ", " +
                     std::to_string(std::llround(args.near_y) + 1) + "), counted from 1",
                 advice);
}

/// The box of `side` pixels around a pixel, cut at the edges of the image.
struct Box {
    Index x0, x1, y0, y1;  ///< last ones included

    Box(View<float const, 2> image, Pixel centre, Index side)
        : x0(std::max<Index>(0, centre.x - side / 2)),
          x1(std::min(image.extent[1] - 1, centre.x + side / 2)),
          y0(std::max<Index>(0, centre.y - side / 2)),
          y1(std::min(image.extent[0] - 1, centre.y + side / 2))
    {}
    bool on_edge(Pixel p) const { return p.x == x0 || p.x == x1 || p.y == y0 || p.y == y1; }
};

Index side_of(SourceFitArgs const& args)
{
    Index const side = args.box > 0 ? args.box : std::max<Index>(9, std::llround(std::ceil(3 * args.beam.major)));
    return side | 1;
}

/// The pixel from which no neighbour is brighter, uphill from `at`.
Pixel climb(View<float const, 2> image, Pixel at)
{
    for (;;) {
        Pixel best = at;
        Box const around(image, at, 3);
        for (Index y = around.y0; y <= around.y1; ++y)
            for (Index x = around.x0; x <= around.x1; ++x)
                if (image(y, x) > image(best.y, best.x)) best = {x, y};
        if (best.x == at.x && best.y == at.y) return at;
        at = best;
    }
}

Pixel find_peak(SourceFitArgs const& args)
{
    auto const& image = args.image;
    Pixel const near{std::llround(args.near_x), std::llround(args.near_y)};
    if (near.x < 0 || near.y < 0 || near.x >= image.extent[1] || near.y >= image.extent[0])
        throw refused(args, "the position is outside the image", "give a position inside it");
    Box const box(image, near, side_of(args));
    Pixel best = near;
    for (Index y = box.y0; y <= box.y1; ++y)
        for (Index x = box.x0; x <= box.x1; ++x) {
            if (!std::isfinite(image(y, x))) throw refused(args, "a pixel is not finite", "choose a smaller box");
            if (image(y, x) > image(best.y, best.x)) best = {x, y};
        }
    if (box.on_edge(best)) best = climb(image, near);
    if (!(image(best.y, best.x) > 0)) throw refused(args, "no pixel is positive", "give the position of a source");
    if (std::min({best.x, best.y, image.extent[1] - 1 - best.x, image.extent[0] - 1 - best.y}) < margin)
        throw refused(args, "the peak is within 4 pixels of the edge", "make a larger image");
    return best;
}

/// Five samples a beam hold all that its pixels do: the noise of nearer ones is the same.
std::vector<PixelSample> samples_of(SourceFitArgs const& args, Pixel peak)
{
    Box const box(args.image, peak, side_of(args));
    Index const step = std::max<Index>(1, static_cast<Index>(args.beam.minor / samples_a_beam));
    std::vector<PixelSample> samples;
    for (Index y = box.y0 + (peak.y - box.y0) % step; y <= box.y1; y += step)
        for (Index x = box.x0 + (peak.x - box.x0) % step; x <= box.x1; x += step)
            samples.push_back({static_cast<double>(x), static_cast<double>(y), static_cast<double>(args.image(y, x))});
    return samples;
}

Ellipse beam_or(SourceFitArgs const& args, Ellipse const& shape) { return args.beam.major > 0 ? args.beam : shape; }

double area_ratio(Ellipse const& shape, Ellipse const& beam)
{
    return shape.major * shape.minor / (beam.major * beam.minor);
}

/// Residual over noise, 1 at least.
double misfit_of(Gaussian const& fitted, std::vector<PixelSample> const& samples, double rms_jy)
{
    if (!(rms_jy > 0)) return 1;
    double squares = 0;
    Gaussian::Parameters unused;
    for (auto const& s : samples) {
        double const off = s.value - fitted.value(s.x, s.y, unused);
        squares += off * off;
    }
    return std::max(1.0, std::sqrt(squares / static_cast<double>(samples.size())) / rms_jy);
}

SourceFit fit_shape(SourceFitArgs const& args, Pixel peak)
{
    Ellipse start_shape = args.beam.major > 0 ? args.beam : widths_of_peak(args.image, peak.y, peak.x);
    if (!(start_shape.major > 0)) start_shape = {3, 3, 0};
    Gaussian start = gaussian_of(start_shape);
    start.peak = static_cast<double>(args.image(peak.y, peak.x));
    start.x = static_cast<double>(peak.x);
    start.y = static_cast<double>(peak.y);
    GaussianFitOptions options;
    options.constant = true;
    options.shape = args.method == FitMethod::gaussian;
    auto const samples = samples_of(args, peak);
    auto const fit = fit_gaussian(samples, start, options);
    auto const& g = fit.gaussian;
    SourceFit result{g.x, g.y, 0, 0, g.peak, 0, g.peak, 0, ellipse_of(g), g.constant, false};
    result.converged =
        fit.converged && g.peak > 0 && std::hypot(g.x - start.x, g.y - start.y) < static_cast<double>(side_of(args));
    if (!result.converged) return result;
    auto const beam = beam_or(args, result.shape);
    auto const parameters = functionals_of(g, samples, options);
    bool const shaped = options.shape && !parameters[0].empty();
    Functional relative;
    if (shaped) relative = log_area(g, parameters);
    for (std::size_t i = 0; i < relative.size(); ++i) relative[i] += parameters[0][i] / g.peak;
    auto const errors =
        errors_of({&parameters[0], &parameters[1], &parameters[2], &relative}, samples, beam, args.rms_jy);
    result.misfit = misfit_of(g, samples, args.rms_jy);
    result.peak_err_jy = result.misfit * errors[0];
    result.x_err = result.misfit * errors[1];
    result.y_err = result.misfit * errors[2];
    result.flux_err_jy = result.peak_err_jy;
    if (!shaped) return result;
    result.flux_jy = g.peak * area_ratio(result.shape, beam);
    result.has_area = args.beam.major > 0;
    result.flux_err_jy = result.flux_jy * result.misfit * errors[3];
    return result;
}

/// Of what the image holds: the beam, else the source itself.
double narrowest(SourceFitArgs const& args, SourceFit const& fit)
{
    if (args.beam.minor > 0) return args.beam.minor;
    return widths_of_peak(args.image, std::llround(fit.y), std::llround(fit.x)).minor;
}

/// Pixels between (x, y) and the nearest edge that an interpolation may use.
Index room(View<float const, 2> image, double x, double y)
{
    double const to_edge =
        std::min({x, y, static_cast<double>(image.extent[1] - 1) - x, static_cast<double>(image.extent[0] - 1) - y});
    return static_cast<Index>(std::floor(to_edge)) - 1;
}

/// Sets shape and flux of a source whose peak is known: widths by the method of fit_beam, on pixels that lie to the peak as
/// those of a PSF do. Where the image ends too near, the source is taken for a point.
void set_widths(SourceFitArgs const& args, SourceFit& fit)
{
    fit.shape = beam_or(args, {3, 3, 0});
    fit.flux_jy = fit.peak_jy;
    fit.flux_err_jy = fit.peak_err_jy;
    for (Index reach : {8, 16, 32, 64}) {
        if (static_cast<double>(2 * reach) < args.beam.major) continue;  // the lobe above half its peak is no narrower
        int const half = static_cast<int>(std::min<Index>(most_half, room(args.image, fit.x, fit.y) - reach));
        if (half < 3) return;
        Index const side = 2 * reach + 1;
        auto const pixels = resample_around(args.image, fit.x, fit.y, {reach, {half, narrowest(args, fit)}});
        auto const plane = make_view(pixels.data(), side, side);
        auto const widths = widths_of_peak(plane, reach, reach);
        if (!(widths.major > 0)) continue;
        auto const beam = beam_or(args, widths);
        fit.shape = widths;
        fit.flux_jy = fit.peak_jy * area_ratio(widths, beam);
        fit.has_area = args.beam.major > 0;
        auto g = gaussian_of(widths);
        g.peak = fit.peak_jy;
        g.x = g.y = static_cast<double>(reach);
        auto samples = lobe_above_half(plane, reach, reach).samples;
        GaussianFitOptions options;
        options.position = options.peak = false;
        auto relative = log_area(g, functionals_of(g, samples, options));
        if (relative.empty()) return;
        // The peak's own noise n₀ enters as n₀/peak and, since the model is held at that peak, as −n₀ g/peak in each residual.
        double centre = 1 / g.peak;
        Gaussian::Parameters derivative;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            g.value(samples[i].x, samples[i].y, derivative);
            centre -= relative[i] * derivative[0];
        }
        relative.push_back(centre);
        samples.push_back({g.x, g.y, 0});
        fit.flux_err_jy = fit.flux_jy * error_of(relative, samples, beam, args.rms_jy);
        return;
    }
}

/// Of a maximum at which the image is curved as Q times the peak, in noise whose autocorrelation is curved as B:
/// covariance of the position (rms/peak)² Q⁻¹ B Q⁻¹.
void set_position_errors(SourceFitArgs const& args, SourceFit& fit)
{
    auto const q = gaussian_of(fit.shape), b = gaussian_of(beam_or(args, fit.shape));
    double const det = q.qxx * q.qyy - q.qxy * q.qxy, relative = args.rms_jy / fit.peak_jy;
    double const ixx = q.qyy / det, ixy = -q.qxy / det, iyy = q.qxx / det;
    fit.x_err = relative * std::sqrt(ixx * ixx * b.qxx + 2 * ixx * ixy * b.qxy + ixy * ixy * b.qyy);
    fit.y_err = relative * std::sqrt(ixy * ixy * b.qxx + 2 * ixy * iyy * b.qxy + iyy * iyy * b.qyy);
}

/// Newton's step to the maximum; uphill where the image is not curved like one.
struct PeakStep {
    double x, y;
    bool curved;

    explicit PeakStep(Interpolated const& v)
    {
        double const determinant = v.dxx * v.dyy - v.dxy * v.dxy;
        curved = v.dxx < 0 && determinant > 0;
        x = curved ? (v.dxy * v.dy - v.dyy * v.dx) / determinant : std::copysign(0.2, v.dx);
        y = curved ? (v.dxy * v.dx - v.dxx * v.dy) / determinant : std::copysign(0.2, v.dy);
    }
};

SourceFit find_maximum(SourceFitArgs const& args, Pixel peak)
{
    SourceFit result;
    result.x = static_cast<double>(peak.x);
    result.y = static_cast<double>(peak.y);
    int const half = static_cast<int>(std::min<Index>(most_half, room(args.image, result.x, result.y)));
    Interpolation const how{half, narrowest(args, result)};
    constexpr double near_enough = 2e-4;
    double farthest = 0.4, last_x = 0, last_y = 0;
    for (int iteration = 0; iteration < 50 && !result.converged; ++iteration) {
        auto const v = interpolate_image(args.image, result.x, result.y, how);
        if (!std::isfinite(v.value)) return result;
        result.peak_jy = v.value;
        PeakStep const step(v);
        if (step.x * last_x + step.y * last_y < 0)
            farthest /= 2;  // beyond it: across an edge of the interpolation, too
        double const length = std::hypot(step.x, step.y), allowed = std::min(1.0, farthest / std::max(length, 1e-300));
        result.converged = step.curved && std::min(length, farthest) < near_enough && v.value > 0;
        last_x = step.x, last_y = step.y;
        result.x =
            std::clamp(result.x + allowed * step.x, static_cast<double>(peak.x) - 1, static_cast<double>(peak.x) + 1);
        result.y =
            std::clamp(result.y + allowed * step.y, static_cast<double>(peak.y) - 1, static_cast<double>(peak.y) + 1);
    }
    if (!result.converged) return result;
    result.peak_err_jy = args.rms_jy;
    set_widths(args, result);
    set_position_errors(args, result);
    return result;
}

SourceFit fit_positive(SourceFitArgs const& args)
{
    auto const peak = find_peak(args);
    auto fit = args.method == FitMethod::peak ? find_maximum(args, peak) : fit_shape(args, peak);
    if (!fit.converged) throw refused(args, "the fit does not converge", "choose another box or position");
    return fit;
}

/// Of the largest |value| in the box; where that is on the box's edge, of the position itself.
bool is_negative(SourceFitArgs const& args)
{
    auto const& image = args.image;
    Pixel const near{std::clamp<Index>(std::llround(args.near_x), 0, image.extent[1] - 1),
                     std::clamp<Index>(std::llround(args.near_y), 0, image.extent[0] - 1)};
    Box const box(image, near, side_of(args));
    Pixel largest = near;
    for (Index y = box.y0; y <= box.y1; ++y)
        for (Index x = box.x0; x <= box.x1; ++x)
            if (std::abs(image(y, x)) > std::abs(image(largest.y, largest.x))) largest = {x, y};
    if (box.on_edge(largest)) largest = near;
    return image(largest.y, largest.x) < 0;
}

}  // namespace

SourceFit fit_source(SourceFitArgs const& args)
{
    if (!args.either_sign || !is_negative(args)) return fit_positive(args);
    constexpr Index widest = 160;  // of what a fit looks at beyond its box
    Pixel const near{std::llround(args.near_x), std::llround(args.near_y)};
    Box const around(args.image, near, 2 * (side_of(args) + widest));
    std::vector<float> pixels;
    for (Index y = around.y0; y <= around.y1; ++y)
        for (Index x = around.x0; x <= around.x1; ++x) pixels.push_back(-args.image(y, x));
    auto turned = args;
    turned.image = make_view(std::as_const(pixels).data(), around.y1 - around.y0 + 1, around.x1 - around.x0 + 1);
    turned.near_x -= static_cast<double>(around.x0);
    turned.near_y -= static_cast<double>(around.y0);
    auto fit = fit_positive(turned);
    fit.x += static_cast<double>(around.x0);
    fit.y += static_cast<double>(around.y0);
    for (double* value : {&fit.peak_jy, &fit.flux_jy, &fit.constant_jy}) *value = -*value;
    return fit;
}

void take_local_beam(ArrayPlane const& array, double l, double m, SourceFit& fit)
{
    if (!fit.has_area) return;
    double const narrowing = array.narrowing(l, m);
    fit.flux_jy *= narrowing;
    fit.flux_err_jy *= narrowing;
}

}  // namespace nocturne
