// Phases of the w-screen by pixel, shared by `fft` and `correct`. Enters: rows of an image. Leaves: rows of the screen.
#pragma once

#include "nocturne/view.hpp"

#include <cstdint>

namespace nocturne {

/// Turns of 2^-32 by pixel of an image [n][n]: either a row for each of its rows, [n][n], or, where the screen is the same above
/// and below the middle, one for each distance |y − n/2| from it, [n/2 + 1][n].
using Screen = View<std::int32_t const, 2>;

inline bool screen_fits(Screen const& screen, Index n)
{
    return screen.extent[1] == n && (screen.extent[0] == n || screen.extent[0] == n / 2 + 1);
}

/// Row of a screen of `rows` rows for row y of the image.
NOCT_INLINE Index screen_row(Index rows, Index n, Index y)
{
    if (rows == n) return y;
    return y >= n / 2 ? y - n / 2 : n / 2 - y;
}

}  // namespace nocturne
