// Enters: the pixels of a PSF. Leaves: its beam.
#include "stages/image/beam_fit.hpp"

#include "nocturne/gaussian.hpp"

#include <set>
#include <utility>

namespace nocturne {
namespace {

struct Lobe {
    std::vector<PixelSample> samples;
    bool at_edge = false;
};

/// Pixels of at least `level` that are connected to the centre by their sides.
Lobe main_lobe(View<float const, 2> psf, double level)
{
    Lobe lobe;
    std::set<std::pair<Index, Index>> seen;
    std::vector<std::pair<Index, Index>> open{{psf.extent[0] / 2, psf.extent[1] / 2}};
    seen.insert(open.front());
    while (!open.empty()) {
        auto const [y, x] = open.back();
        open.pop_back();
        double const value = static_cast<double>(psf(y, x));
        if (!(value >= level)) continue;
        lobe.samples.push_back({static_cast<double>(x), static_cast<double>(y), value});
        if (y == 0 || x == 0 || y + 1 == psf.extent[0] || x + 1 == psf.extent[1]) {
            lobe.at_edge = true;
            return lobe;
        }
        for (auto const& next : {std::pair{y - 1, x}, {y + 1, x}, {y, x - 1}, {y, x + 1}})
            if (seen.insert(next).second) open.push_back(next);
    }
    return lobe;
}

/// The centre and the eight pixels around it.
std::vector<PixelSample> neighbours(View<float const, 2> psf)
{
    std::vector<PixelSample> samples;
    for (Index y = psf.extent[0] / 2 - 1; y <= psf.extent[0] / 2 + 1; ++y)
        for (Index x = psf.extent[1] / 2 - 1; x <= psf.extent[1] / 2 + 1; ++x)
            samples.push_back({static_cast<double>(x), static_cast<double>(y), static_cast<double>(psf(y, x))});
    return samples;
}

}  // namespace

Beam fit_beam(View<float const, 2> psf, double cell_rad)
{
    if (psf.extent[0] < 3 || psf.extent[1] < 3) return {};
    Index const y = psf.extent[0] / 2, x = psf.extent[1] / 2;
    double const peak = static_cast<double>(psf(y, x));
    if (!(peak > 0)) return {};
    auto lobe = main_lobe(psf, 0.5 * peak);
    if (lobe.at_edge) return {};
    if (lobe.samples.size() < 9) lobe.samples = neighbours(psf);
    double const width = 2 * std::sqrt(static_cast<double>(lobe.samples.size()) / pi);
    Gaussian start = gaussian_of({width, width, 0});
    start.peak = peak;
    start.x = static_cast<double>(x);
    start.y = static_cast<double>(y);
    auto const fit = fit_gaussian(lobe.samples, start, {.position = false, .peak = false, .shape = true});
    if (!fit.converged) return {};
    auto const e = ellipse_of(fit.gaussian);
    return {e.major * cell_rad, e.minor * cell_rad, e.pa_rad};
}

}  // namespace nocturne
