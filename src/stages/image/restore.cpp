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

/// Adds flux · Gaussian to the pixels [first, end) of row y. Along a row the ratio of neighbours falls by one factor from pixel to
/// pixel: two exponentials a row.
void add_row(Gaussian const& shape, RestoredPlace const& at, double flux, Index y, std::array<Index, 2> columns,
             float* row)
{
    double const dx = static_cast<double>(columns[0]) - at.x, dy = static_cast<double>(y) - at.y;
    double value = flux * std::exp(-0.5 * (shape.qxx * dx * dx + 2 * shape.qxy * dx * dy + shape.qyy * dy * dy));
    double ratio = std::exp(-0.5 * (shape.qxx * (2 * dx + 1) + 2 * shape.qxy * dy));
    double const falls = std::exp(-shape.qxx);
    for (Index x = columns[0]; x < columns[1]; ++x) {
        row[x] += static_cast<float>(value);
        value *= ratio;
        ratio *= falls;
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
    auto const first = [&](double middle, double sigma) {
        return std::clamp<Index>(static_cast<Index>(std::ceil(middle - reach * sigma)), 0, n);
    };
    auto const end = [&](double middle, double sigma) {
        return std::clamp<Index>(static_cast<Index>(std::floor(middle + reach * sigma)) + 1, 0, n);
    };
    double const sx = std::sqrt(covariance.xx), sy = std::sqrt(covariance.yy);
    std::array<Index, 2> const columns{first(at.x, sx), end(at.x, sx)};
    for (Index y = first(at.y, sy); y < end(at.y, sy); ++y) add_row(shape, at, peak, y, columns, image.data() + y * n);
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
