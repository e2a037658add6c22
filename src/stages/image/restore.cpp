#include "stages/image/restore.hpp"

#include "nocturne/error.hpp"
#include "nocturne/gaussian.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace nocturne {
namespace {

/// The Gaussian is cut here.
constexpr double lowest = 1e-7;

/// Pixel coordinates; a place within a millionth of a pixel's middle is that.
struct RestoredPlace {
    double x, y;
    RestoredPlace(ModelComponent const& c, ImageGeometry const& g)
        : x(near_whole(static_cast<double>(g.n_pixels / 2) - c.l / g.cell_rad)),
          y(near_whole(static_cast<double>(g.n_pixels / 2) + c.m / g.cell_rad))
    {}
    static double near_whole(double v) { return std::abs(v - std::rint(v)) < 1e-6 ? std::rint(v) : v; }
};

/// Adds peak · Gaussian to row y, outwards from its highest pixel there: along a row the ratio of neighbours falls by one factor from
/// pixel to pixel, so two or three exponentials a row do. `reach`: how many sigmas out it is cut.
void add_row(Gaussian const& shape, RestoredPlace const& at, double peak, double reach, Index y, Index n, float* row)
{
    double const dy = static_cast<double>(y) - at.y;
    double const middle = at.x - shape.qxy / shape.qxx * dy;
    double const across = shape.qyy - shape.qxy * shape.qxy / shape.qxx;  // of the highest value of a row
    double const half = std::sqrt(std::max(0.0, reach * reach - across * dy * dy) / shape.qxx);
    auto const first = std::clamp<Index>(static_cast<Index>(std::ceil(middle - half)), 0, n);
    auto const end = std::clamp<Index>(static_cast<Index>(std::floor(middle + half)) + 1, 0, n);
    if (first >= end) return;
    auto const start = std::clamp(static_cast<Index>(std::rint(middle)), first, end - 1);
    double const dx = static_cast<double>(start) - at.x, falls = std::exp(-shape.qxx);
    double const slope = shape.qxx * dx + shape.qxy * dy;
    double const highest =
        peak * std::exp(-0.5 * (shape.qxx * dx * dx + 2 * shape.qxy * dx * dy + shape.qyy * dy * dy));
    double value = highest, ratio = std::exp(-slope - 0.5 * shape.qxx);
    for (Index x = start; x < end; ++x, value *= ratio, ratio *= falls) row[x] += static_cast<float>(value);
    ratio = std::exp(slope - 0.5 * shape.qxx);
    value = highest * ratio;
    for (Index x = start - 1; x >= first; --x) {
        row[x] += static_cast<float>(value);
        ratio *= falls;
        value *= ratio;
    }
}

/// Of a Gaussian, in pixels².
struct Covariance {
    double xx = 0, xy = 0, yy = 0;

    /// Widths at half maximum and angle from +y through −x; widths of 0: none.
    Covariance(Beam const& widths, double cell_rad)
    {
        double const s = std::sin(widths.pa_rad), c = std::cos(widths.pa_rad), unit = cell_rad * fwhm_per_sigma;
        double const major = std::pow(widths.major_rad / unit, 2), minor = std::pow(widths.minor_rad / unit, 2);
        xx = major * s * s + minor * c * c;
        yy = major * c * c + minor * s * s;
        xy = (minor - major) * s * c;
    }
    void add(Covariance const& other) { xx += other.xx, xy += other.xy, yy += other.yy; }
    double determinant() const { return xx * yy - xy * xy; }
};

/// image += peak · Gaussian around a place.
void add_gaussian(Covariance const& covariance, RestoredPlace const& at, double peak, Index n,
                  std::vector<float>& image)
{
    double const det = covariance.determinant(), reach = std::sqrt(-2 * std::log(lowest));
    Gaussian shape;
    shape.qxx = covariance.yy / det, shape.qxy = -covariance.xy / det, shape.qyy = covariance.xx / det;
    double const sy = reach * std::sqrt(covariance.yy);
    auto const first = std::clamp<Index>(static_cast<Index>(std::ceil(at.y - sy)), 0, n);
    auto const end = std::clamp<Index>(static_cast<Index>(std::floor(at.y + sy)) + 1, 0, n);
    for (Index y = first; y < end; ++y) add_row(shape, at, peak, reach, y, n, image.data() + y * n);
}

/// Weights of the pixels −1, 0, 1, 2 for a place t in [0, 1) after pixel 0 (Lagrange).
std::array<double, 4> shares(double t)
{
    return {-t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2, -(t + 1) * t * (t - 2) / 2,
            (t + 1) * t * (t - 1) / 6};
}

}  // namespace

std::vector<float> restore(std::vector<float> const& residual, std::vector<ModelComponent> const& components,
                           Beam const& beam, ImageGeometry const& geometry)
{
    if (!(beam.major_rad > 0 && beam.minor_rad > 0))
        throw Error(Code::bad_input, "the model cannot be restored", "no beam could be fitted to the PSF",
                    "take smaller pixels, or a larger image");
    Covariance const of_beam({beam.major_rad, beam.minor_rad, beam.pa_rad}, geometry.cell_rad);
    auto image = residual;
    for (auto const& component : components) {
        auto all = of_beam;
        all.add({{component.major_rad, component.minor_rad, component.pa_rad}, geometry.cell_rad});
        double const peak = component.apparent_jy * std::sqrt(of_beam.determinant() / all.determinant());
        add_gaussian(all, RestoredPlace(component, geometry), peak, geometry.n_pixels, image);
    }
    return image;
}

std::vector<float> model_image(std::vector<ModelComponent> const& components, ImageGeometry const& geometry)
{
    Index const n = geometry.n_pixels;
    std::vector<float> image(static_cast<std::size_t>(n * n), 0.0F);
    for (auto const& component : components) {
        RestoredPlace const at(component, geometry);
        if (component.major_rad > 0) {
            Covariance const own({component.major_rad, component.minor_rad, component.pa_rad}, geometry.cell_rad);
            add_gaussian(own, at, component.apparent_jy / (2 * pi * std::sqrt(own.determinant())), n, image);
            continue;
        }
        double const x0 = std::floor(at.x), y0 = std::floor(at.y);
        auto const wx = shares(at.x - x0), wy = shares(at.y - y0);
        for (std::size_t j = 0; j < 4; ++j)
            for (std::size_t i = 0; i < 4; ++i) {
                Index const x = static_cast<Index>(x0) + static_cast<Index>(i) - 1,
                            y = static_cast<Index>(y0) + static_cast<Index>(j) - 1;
                if (x < 0 || y < 0 || x >= n || y >= n) continue;
                image[static_cast<std::size_t>(y * n + x)] += static_cast<float>(component.apparent_jy * wx[i] * wy[j]);
            }
    }
    return image;
}

}  // namespace nocturne
