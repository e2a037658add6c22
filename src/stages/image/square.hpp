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

}  // namespace nocturne
