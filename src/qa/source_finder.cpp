// Enters: an Image. Leaves: the sources in it, brightest first.
#include "qa/source_finder.hpp"

#include "nocturne/either_sign.hpp"
#include "nocturne/error.hpp"
#include "qa/gaussian_fit.hpp"
#include "qa/wcs.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

struct Peak {
    Index x, y;
    float value;
};

/// Widths of the image's beam in pixels; zeros where it has none.
Ellipse beam_in_pixels(Image const& image)
{
    double const cell = image.geometry.cell_rad;
    return {image.beam.major_rad / cell, image.beam.minor_rad / cell, image.beam.pa_rad};
}

/// True where no pixel within `reach` is brighter (of equal ones, the first in row order counts).
bool is_highest(View<float const, 2> image, Peak const& c, Index reach)
{
    for (Index y = std::max<Index>(0, c.y - reach); y <= std::min(image.extent[0] - 1, c.y + reach); ++y)
        for (Index x = std::max<Index>(0, c.x - reach); x <= std::min(image.extent[1] - 1, c.x + reach); ++x) {
            bool const before = y < c.y || (y == c.y && x < c.x);
            if (image(y, x) > c.value || (before && image(y, x) == c.value)) return false;
        }
    return true;
}

std::vector<Peak> peaks_of(View<float const, 2> image, NoiseMap const& noise, FinderArgs const& args, Index reach)
{
    std::vector<Peak> found;
    auto const least = static_cast<float>(std::max(args.floor_jy, noise.lowest(args.threshold_sigma)));
    for (Index y = 1; y + 1 < image.extent[0]; ++y)
        for (Index x = 1; x + 1 < image.extent[1]; ++x) {
            float const value = image(y, x);
            if (!(value >= least)) continue;  // nearly all pixels end here
            if (!(static_cast<double>(value) > args.floor_jy) || !std::isfinite(value)) continue;
            if (!(value >= image(y, x - 1) && value >= image(y, x + 1))) continue;
            double const at_x = static_cast<double>(x), at_y = static_cast<double>(y);
            double const above = static_cast<double>(value) - noise.level(at_x, at_y);
            if (!(above > args.threshold_sigma * noise.rms(at_x, at_y)) || above <= 0) continue;
            if (is_highest(image, {x, y, value}, reach)) found.push_back({x, y, value});
        }
    std::sort(found.begin(), found.end(), [](Peak const& a, Peak const& b) {
        return a.value != b.value ? a.value > b.value : (a.y != b.y ? a.y < b.y : a.x < b.x);
    });
    if (static_cast<Index>(found.size()) > args.max_sources) found.resize(static_cast<std::size_t>(args.max_sources));
    return found;
}

/// The fit at a peak; the pixel itself where it cannot be fitted (an edge, a pixel near by that is not finite).
SourceFit measure(SourceFitArgs const& args, Peak const& peak)
{
    try {
        return fit_source(args);
    } catch (Error const& error) {
        if (error.code() != Code::bad_input) throw;
        SourceFit pixel;
        pixel.x = args.near_x;
        pixel.y = args.near_y;
        pixel.x_err = pixel.y_err = 0.5;
        pixel.peak_jy = pixel.flux_jy = static_cast<double>(peak.value);
        pixel.peak_err_jy = pixel.flux_err_jy = args.rms_jy;
        return pixel;
    }
}

std::vector<FoundSource> positive_sources(Image const& image, FinderArgs const& args)
{
    Index const n = image.geometry.n_pixels;
    if (n < 16 || static_cast<Index>(image.pixels.size()) != n * n)
        throw Error(Code::bad_input, "sources cannot be searched",
                    std::to_string(image.pixels.size()) + " pixels for a side of " + std::to_string(n),
                    "give an image of 16 pixels a side at least");
    auto const pixels = make_view(image.pixels.data(), n, n);
    NoiseMap const noise(pixels, args.cell_pixels);
    auto const beam = beam_in_pixels(image);
    Index const reach = std::max<Index>(1, std::llround(0.8 * beam.major));
    bool const dirty = image.product == Product::dirty || image.product == Product::residual;
    std::vector<FoundSource> sources;
    for (auto const& peak : peaks_of(pixels, noise, args, reach)) {
        double const x = static_cast<double>(peak.x), y = static_cast<double>(peak.y), rms = noise.rms(x, y);
        SourceFitArgs const fit_args{pixels, x, y, 0, beam, rms, dirty ? FitMethod::peak : FitMethod::gaussian};
        auto fit = measure(fit_args, peak);
        double const cell = image.geometry.cell_rad, middle = static_cast<double>(n / 2);
        take_local_beam(image.plane, (middle - fit.x) * cell, (fit.y - middle) * cell, fit);
        auto const sky = pixel_to_sky(image.geometry, {fit.x, fit.y});
        if (!sky) continue;
        double const error = std::max(fit.x_err, fit.y_err) * image.geometry.cell_rad;
        sources.push_back({*sky, fit.x, fit.y, fit.peak_jy, fit.peak_err_jy, fit.flux_jy, fit.flux_err_jy, error,
                           rms > 0 ? fit.peak_jy / rms : 0, rms});
    }
    std::stable_sort(sources.begin(), sources.end(),
                     [](auto const& a, auto const& b) { return a.peak_jy > b.peak_jy; });
    return sources;
}

}  // namespace

std::vector<FoundSource> find_sources(Image const& image, FinderArgs const& args)
{
    auto sources = positive_sources(image, args);
    if (!has_either_sign(image.stokes)) return sources;
    auto turned = image;
    for (float& pixel : turned.pixels) pixel = -pixel;
    for (auto& source : positive_sources(turned, args)) {
        source.peak_jy = -source.peak_jy;
        source.flux_jy = -source.flux_jy;
        sources.push_back(source);
    }
    std::stable_sort(sources.begin(), sources.end(),
                     [](auto const& a, auto const& b) { return std::abs(a.peak_jy) > std::abs(b.peak_jy); });
    sources.resize(std::min(sources.size(), static_cast<std::size_t>(args.max_sources)));
    return sources;
}

}  // namespace nocturne
