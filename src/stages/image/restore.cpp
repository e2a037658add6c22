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
struct Place {
    double x, y;
    Place(ModelComponent const& c, ImageGeometry const& g)
        : x(near_whole(static_cast<double>(g.n_pixels / 2) - c.l / g.cell_rad)),
          y(near_whole(static_cast<double>(g.n_pixels / 2) + c.m / g.cell_rad))
    {}
    static double near_whole(double v) { return std::abs(v - std::rint(v)) < 1e-6 ? std::rint(v) : v; }
};

/// Adds flux · Gaussian to the pixels [first, end) of row y. Along a row the ratio of neighbours falls by one factor from pixel to
/// pixel: two exponentials a row.
void add_row(Gaussian const& shape, Place const& at, double flux, Index y, std::array<Index, 2> columns, float* row)
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
    auto const shape =
        gaussian_of({beam.major_rad / geometry.cell_rad, beam.minor_rad / geometry.cell_rad, beam.pa_rad});
    Index const n = geometry.n_pixels;
    double const sigma = beam.major_rad / geometry.cell_rad / std::sqrt(8 * std::log(2.0));
    double const reach = std::min(static_cast<double>(n), sigma * std::sqrt(-2 * std::log(lowest)));
    auto const first = [&](double middle) {
        return std::clamp<Index>(static_cast<Index>(std::ceil(middle - reach)), 0, n);
    };
    auto const end = [&](double middle) {
        return std::clamp<Index>(static_cast<Index>(std::floor(middle + reach)) + 1, 0, n);
    };
    auto image = residual;
    for (auto const& component : components) {
        Place const at(component, geometry);
        std::array<Index, 2> const columns{first(at.x), end(at.x)};
        for (Index y = first(at.y); y < end(at.y); ++y)
            add_row(shape, at, component.apparent_jy, y, columns, image.data() + y * n);
    }
    return image;
}

std::vector<float> model_image(std::vector<ModelComponent> const& components, ImageGeometry const& geometry)
{
    Index const n = geometry.n_pixels;
    std::vector<float> image(static_cast<std::size_t>(n * n), 0.0F);
    for (auto const& component : components) {
        Place const at(component, geometry);
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
