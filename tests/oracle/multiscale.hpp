// Oracle of multiscale CLEAN: Cornwell 2008 (IEEE JSTSP 2, 793, section III) as it is written down, in double precision: every scale
// image is convolved anew for every component, whole image by whole image, with the whole PSF, which is taken to be 0 beyond its
// array. Scales are Gaussians of unit sum; the scale of a component is that of the largest |R ⊛ k_s| / √(PSF ⊛ k_s ⊛ k_s)(0).
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace nocturne::oracle {

struct Plane {
    long n = 0;
    std::vector<double> pixels;

    double at(long y, long x) const
    {
        return y < 0 || x < 0 || y >= n || x >= n ? 0 : pixels[static_cast<std::size_t>(y * n + x)];
    }
};

inline double gaussian(double width, double r2) { return std::exp(-4 * std::log(2.0) * r2 / (width * width)); }

/// Convolution with a Gaussian of unit sum; width 0: the plane itself.
inline Plane convolved(Plane const& plane, double width)
{
    if (width <= 0) return plane;
    auto const reach = static_cast<long>(std::ceil(2.5 * width));
    double sum = 0;
    std::vector<double> taps;
    for (long i = -reach; i <= reach; ++i) taps.push_back(gaussian(width, static_cast<double>(i * i)));
    for (double tap : taps) sum += tap;
    Plane rows = plane, out = plane;
    for (long y = 0; y < plane.n; ++y)
        for (long x = 0; x < plane.n; ++x) {
            double value = 0;
            for (long i = -reach; i <= reach; ++i)
                value += taps[static_cast<std::size_t>(i + reach)] / sum * plane.at(y, x + i);
            rows.pixels[static_cast<std::size_t>(y * plane.n + x)] = value;
        }
    for (long y = 0; y < plane.n; ++y)
        for (long x = 0; x < plane.n; ++x) {
            double value = 0;
            for (long i = -reach; i <= reach; ++i)
                value += taps[static_cast<std::size_t>(i + reach)] / sum * rows.at(y + i, x);
            out.pixels[static_cast<std::size_t>(y * plane.n + x)] = value;
        }
    return out;
}

struct MultiscaleStep {
    long x = 0, y = 0;
    double width = 0, flux = 0;
};

struct MultiscaleResult {
    Plane residual;
    std::vector<MultiscaleStep> steps;
};

/// `psf` is [2n × 2n], its peak at (n, n); middles lie 2 widths inside of the image. Ends where no scale has more than `stop`.
inline MultiscaleResult multiscale(Plane residual, Plane const& psf, std::vector<double> const& widths, double gain,
                                   double stop, std::size_t most)
{
    MultiscaleResult result;
    std::vector<Plane> once, twice;
    for (double width : widths) {
        once.push_back(convolved(psf, width));
        twice.push_back(convolved(once.back(), width));
    }
    long const n = residual.n;
    while (result.steps.size() < most) {
        MultiscaleStep best;
        double most_significant = stop;
        std::size_t chosen = widths.size();
        for (std::size_t s = 0; s < widths.size(); ++s) {
            auto const smooth = convolved(residual, widths[s]);
            double const known = twice[s].at(n, n);
            auto const margin = static_cast<long>(std::ceil(2 * widths[s]));
            for (long y = margin; y < n - margin; ++y)
                for (long x = margin; x < n - margin; ++x) {
                    double const significance = std::abs(smooth.at(y, x)) / std::sqrt(known);
                    if (significance <= most_significant) continue;
                    most_significant = significance;
                    chosen = s;
                    best = {x, y, widths[s], gain * smooth.at(y, x) / known};
                }
        }
        if (chosen == widths.size()) break;
        for (long y = 0; y < n; ++y)
            for (long x = 0; x < n; ++x)
                residual.pixels[static_cast<std::size_t>(y * n + x)] -=
                    best.flux * once[chosen].at(y - best.y + n, x - best.x + n);
        result.steps.push_back(best);
    }
    result.residual = residual;
    return result;
}

}  // namespace nocturne::oracle
