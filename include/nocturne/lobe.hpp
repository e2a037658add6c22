// The lobe around a peak. Enters: an image and a pixel. Leaves: the pixels connected to it above a level.
#pragma once

#include "nocturne/gaussian.hpp"
#include "nocturne/view.hpp"

#include <set>
#include <utility>
#include <vector>

namespace nocturne {

struct Lobe {
    std::vector<PixelSample> samples;  ///< x = column, y = row
    bool at_edge = false;              ///< it reaches the edge of the image: the samples are incomplete
};

/// Pixels of at least `level` that are connected by their sides to pixel (y, x).
inline Lobe lobe_above(View<float const, 2> image, Index start_y, Index start_x, double level)
{
    Lobe lobe;
    std::set<std::pair<Index, Index>> seen{{start_y, start_x}};
    std::vector<std::pair<Index, Index>> open{{start_y, start_x}};
    while (!open.empty()) {
        auto const [y, x] = open.back();
        open.pop_back();
        double const value = static_cast<double>(image(y, x));
        if (!(value >= level)) continue;
        lobe.samples.push_back({static_cast<double>(x), static_cast<double>(y), value});
        if (y == 0 || x == 0 || y + 1 == image.extent[0] || x + 1 == image.extent[1]) {
            lobe.at_edge = true;
            return lobe;
        }
        for (auto const& next : {std::pair{y - 1, x}, {y + 1, x}, {y, x - 1}, {y, x + 1}})
            if (seen.insert(next).second) open.push_back(next);
    }
    return lobe;
}

/// Pixels of at least half the value of pixel (y, x), which is a peak; where they are fewer than 9 (a width of three pixels
/// or less), it and its eight neighbours.
inline Lobe lobe_above_half(View<float const, 2> image, Index y, Index x)
{
    auto lobe = lobe_above(image, y, x, 0.5 * static_cast<double>(image(y, x)));
    if (lobe.at_edge || lobe.samples.size() >= 9) return lobe;
    lobe.samples.clear();
    for (Index row = y - 1; row <= y + 1; ++row)
        for (Index column = x - 1; column <= x + 1; ++column)
            lobe.samples.push_back(
                {static_cast<double>(column), static_cast<double>(row), static_cast<double>(image(row, column))});
    return lobe;
}

/// Widths of a Gaussian of the peak's own height and place, fitted to lobe_above_half; zeros where none can be fitted: the
/// peak is not positive or its lobe reaches the edge.
inline Ellipse widths_of_peak(View<float const, 2> image, Index y, Index x)
{
    double const peak = static_cast<double>(image(y, x));
    if (!(peak > 0)) return {};
    auto const lobe = lobe_above_half(image, y, x);
    if (lobe.at_edge) return {};
    double const width = 2 * std::sqrt(static_cast<double>(lobe.samples.size()) / pi);
    Gaussian start = gaussian_of({width, width, 0});
    start.peak = peak;
    start.x = static_cast<double>(x);
    start.y = static_cast<double>(y);
    GaussianFitOptions options;
    options.position = options.peak = false;
    auto const fit = fit_gaussian(lobe.samples, start, options);
    return fit.converged ? ellipse_of(fit.gaussian) : Ellipse{};
}

}  // namespace nocturne
