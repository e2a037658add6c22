// Oracle of `subtract`: CLEAN's subtraction and its peak, pixel by pixel, in double precision (Högbom 1974, A&AS 15, 417).
#pragma once

#include <cmath>
#include <vector>

namespace nocturne::oracle {

struct PointOfModel {
    long x, y;
    double flux;
};

/// A square image of `n` pixels without components; psf is [h][w] with its peak at (h/2, w/2).
inline std::vector<double> subtract(std::vector<double> image, long n, std::vector<double> const& psf, long h, long w,
                                    std::vector<PointOfModel> const& components)
{
    for (auto const& c : components)
        for (long row = 0; row < h; ++row)
            for (long column = 0; column < w; ++column) {
                long const y = c.y + row - h / 2, x = c.x + column - w / 2;
                if (y < 0 || y >= n || x < 0 || x >= n) continue;
                image[static_cast<std::size_t>(y * n + x)] -= c.flux * psf[static_cast<std::size_t>(row * w + column)];
            }
    return image;
}

}  // namespace nocturne::oracle
