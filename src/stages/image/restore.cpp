#include "stages/image/restore.hpp"

#include "nocturne/error.hpp"
#include "nocturne/gaussian.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {

std::vector<float> restore(std::vector<float> const& residual, std::vector<float> const& model, Beam const& beam,
                           ImageGeometry const& geometry)
{
    if (!(beam.major_rad > 0 && beam.minor_rad > 0))
        throw Error(Code::bad_input, "the model cannot be restored", "no beam could be fitted to the PSF",
                    "take smaller pixels, or a larger image");
    constexpr double lowest = 1e-7;
    auto const shape =
        gaussian_of({beam.major_rad / geometry.cell_rad, beam.minor_rad / geometry.cell_rad, beam.pa_rad});
    Index const n = geometry.n_pixels;
    double const sigma = beam.major_rad / geometry.cell_rad / std::sqrt(8 * std::log(2.0));
    auto const reach = std::min(n, static_cast<Index>(std::ceil(sigma * std::sqrt(-2 * std::log(lowest)))));
    Index const side = 2 * reach + 1;
    std::vector<float> patch;
    for (Index y = -reach; y <= reach; ++y)
        for (Index x = -reach; x <= reach; ++x) {
            double const dx = static_cast<double>(x), dy = static_cast<double>(y);
            patch.push_back(static_cast<float>(
                std::exp(-0.5 * (shape.qxx * dx * dx + 2 * shape.qxy * dx * dy + shape.qyy * dy * dy))));
        }
    auto image = residual;
    for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x) {
            float const flux = model[static_cast<std::size_t>(y * n + x)];
            if (flux == 0) continue;
            Index const left = std::max<Index>(0, x - reach), right = std::min(n - 1, x + reach);
            for (Index row = std::max<Index>(0, y - reach); row <= std::min(n - 1, y + reach); ++row) {
                float* const to = image.data() + row * n;
                float const* const from = patch.data() + (row - y + reach) * side + reach - x;
                for (Index column = left; column <= right; ++column) to[column] += flux * from[column];
            }
        }
    return image;
}

}  // namespace nocturne
