#include "stages/image/slant.hpp"

#include <algorithm>

namespace nocturne {
namespace {

/// Farther than this from the horizon, in units of Slant::height, the grid must stay; and the share of the sky's half width that it
/// may reach.
constexpr double least_height = 0.05, most_half_width = 0.7;
/// A part of the normal matrix below which baselines on one line are given no slope across it.
constexpr double ridge = 1e-9;

double half_width(ImageGeometry const& grid) { return 0.5 * static_cast<double>(grid.n_pixels) * grid.cell_rad; }

/// The most negative n − 1 within |l'|, |m'| ≤ edge: in a corner, because n − 1 falls ever faster away from the centre.
double deepest(Slant const& slant, double edge)
{
    double least = 0;
    for (double l : {-edge, edge})
        for (double m : {-edge, edge}) least = std::min(least, slant.n_minus_1(l, m));
    return least;
}

bool fits(Slant const& slant, ImageGeometry const& image)
{
    auto const grid = slanted_grid(image, slant);
    double const edge = half_width(grid);
    for (double l : {-edge, edge})
        for (double m : {-edge, edge})
            if (slant.height(l, m) < least_height) return false;
    return plain_half_width(grid, slant) < most_half_width;
}

}  // namespace

Slant fit_slant(std::vector<Baseline> const& baselines, View<double const, 3> uvw_m, ImageGeometry const& image)
{
    double uu = 0, uv = 0, vv = 0, uw = 0, vw = 0;
    for (Index t = 0; t < uvw_m.extent[0]; ++t)
        for (Index b = 0; b < uvw_m.extent[1]; ++b) {
            auto const& baseline = baselines[static_cast<std::size_t>(b)];
            double const u = uvw_m(t, b, 0), v = uvw_m(t, b, 1), w = uvw_m(t, b, 2);
            if (baseline.ant1 == baseline.ant2 || !std::isfinite(u + v + w)) continue;
            uu += u * u, uv += u * v, vv += v * v, uw += u * w, vw += v * w;
        }
    double const more = ridge * (uu + vv), determinant = (uu + more) * (vv + more) - uv * uv;
    if (!(determinant > 0)) return {};
    Slant slant{((vv + more) * uw - uv * vw) / determinant, ((uu + more) * vw - uv * uw) / determinant};
    for (int halvings = 0; halvings < 8; ++halvings) {
        if (fits(slant, image)) return slant;
        slant = {0.5 * slant.alpha, 0.5 * slant.beta};
    }
    return {};
}

ImageGeometry slanted_grid(ImageGeometry const& image, Slant const& slant)
{
    double const moved =
        std::max(std::abs(slant.alpha), std::abs(slant.beta)) * std::abs(deepest({}, half_width(image)));
    auto grid = image;
    grid.n_pixels += 2 * static_cast<Index>(std::ceil(moved / image.cell_rad));
    return grid;
}

double plain_half_width(ImageGeometry const& grid, Slant const& slant)
{
    double const edge = half_width(grid);
    return edge + std::max(std::abs(slant.alpha), std::abs(slant.beta)) * std::abs(deepest(slant, edge));
}

NodeGeometry slanted_points(NodeGeometry points, Slant const& slant)
{
    for (auto& line : points.lines) line.uvw_m[2] -= slant.alpha * line.uvw_m[0] + slant.beta * line.uvw_m[1];
    return points;
}

}  // namespace nocturne
