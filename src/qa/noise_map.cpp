// Enters: an image. Leaves: its local noise and level.
#include "nocturne/error.hpp"
#include "qa/gaussian_fit.hpp"
#include "qa/source_finder.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// Values of a cell, about 4,000 at most (every second row, third row, …): the rms is then known to 2 %.
std::vector<float> values_of(View<float const, 2> cell)
{
    Index const step = std::max<Index>(1, cell.size() / 4000);
    std::vector<float> values;
    for (Index y = 0; y < cell.extent[0]; y += step)
        for (Index x = 0; x < cell.extent[1]; ++x)
            if (std::isfinite(cell(y, x))) values.push_back(cell(y, x));
    return values;
}

}  // namespace

NoiseMap::NoiseMap(View<float const, 2> image, Index cell_pixels)
{
    ny_ = std::max<Index>(1, image.extent[0] / std::max<Index>(cell_pixels, 8));
    nx_ = std::max<Index>(1, image.extent[1] / std::max<Index>(cell_pixels, 8));
    cell_y_ = static_cast<double>(image.extent[0]) / static_cast<double>(ny_);
    cell_x_ = static_cast<double>(image.extent[1]) / static_cast<double>(nx_);
    std::vector<double> known;
    for (Index j = 0; j < ny_; ++j)
        for (Index i = 0; i < nx_; ++i) {
            auto const first_y = static_cast<Index>(static_cast<double>(j) * cell_y_),
                       first_x = static_cast<Index>(static_cast<double>(i) * cell_x_);
            auto const last_y = static_cast<Index>(static_cast<double>(j + 1) * cell_y_),
                       last_x = static_cast<Index>(static_cast<double>(i + 1) * cell_x_);
            auto values = values_of(image.slice(0, first_y, last_y - first_y).slice(1, first_x, last_x - first_x));
            bool const enough = values.size() >= 16;
            auto const noise = robust_noise(values);
            rms_.push_back(enough ? noise.rms_jy : -1);
            level_.push_back(enough ? noise.level_jy : 0);
            if (enough) known.push_back(noise.rms_jy);
        }
    if (known.empty())
        throw Error(Code::bad_input, "the noise of the image cannot be measured", "it holds almost no finite pixel",
                    "look at the flags and weights of its visibilities");
    std::nth_element(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2), known.end());
    for (double& rms : rms_)
        if (rms < 0) rms = known[known.size() / 2];
}

double NoiseMap::lowest(double sigmas) const
{
    double least = level_[0] + sigmas * rms_[0];
    for (std::size_t i = 1; i < rms_.size(); ++i) least = std::min(least, level_[i] + sigmas * rms_[i]);
    return least;
}

double NoiseMap::interpolate(std::vector<double> const& grid, double x, double y) const
{
    auto const place = [](double at, double cell, Index n, Index& first) {
        double const position = std::clamp((at + 0.5) / cell - 0.5, 0.0, static_cast<double>(n - 1));
        first = std::min(static_cast<Index>(position), std::max<Index>(n - 2, 0));
        return position - static_cast<double>(first);
    };
    Index i = 0, j = 0;
    double const part_x = place(x, cell_x_, nx_, i), part_y = place(y, cell_y_, ny_, j);
    auto const value = [&](Index a, Index b) {
        return grid[static_cast<std::size_t>(std::min(b, ny_ - 1) * nx_ + std::min(a, nx_ - 1))];
    };
    double const lower = (1 - part_x) * value(i, j) + part_x * value(i + 1, j);
    double const upper = (1 - part_x) * value(i, j + 1) + part_x * value(i + 1, j + 1);
    return (1 - part_y) * lower + part_y * upper;
}

}  // namespace nocturne
