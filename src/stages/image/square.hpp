// Square planes of pixels, rows contiguous.
#pragma once

#include "nocturne/view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nocturne {

inline Index side_of(std::vector<float> const& square)
{
    return static_cast<Index>(std::llround(std::sqrt(static_cast<double>(square.size()))));
}

/// Largest |value| outside of the middle `side` × `side` pixels.
inline double largest_outside(View<float const, 2> square, Index side)
{
    float most = 0;
    Index const low = square.extent[0] / 2 - side / 2, high = low + side;
    for (Index y = 0; y < square.extent[0]; ++y)
        for (Index x = 0; x < square.extent[1]; ++x)
            if (y < low || y >= high || x < low || x >= high) most = std::max(most, std::abs(square(y, x)));
    return static_cast<double>(most);
}

/// [d]: the largest |value| outside of the middle 2d × 2d pixels, of an even side; 0 at the end.
inline std::vector<float> largest_by_distance(View<float const, 2> square)
{
    Index const half = square.extent[0] / 2;
    std::vector<float> most(static_cast<std::size_t>(half + 1), 0.0F);
    auto const ring = [&](Index i) { return std::max(half - i, i - half + 1) - 1; };
    for (Index y = 0; y < 2 * half; ++y)
        for (Index x = 0; x < 2 * half; ++x) {
            float& here = most[static_cast<std::size_t>(std::max(ring(y), ring(x)))];
            here = std::max(here, std::abs(square(y, x)));
        }
    for (Index d = half; d-- > 0;) {
        auto const i = static_cast<std::size_t>(d);
        most[i] = std::max(most[i], most[i + 1]);
    }
    return most;
}

}  // namespace nocturne
