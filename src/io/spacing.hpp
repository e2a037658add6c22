// What stands for a length that a file leaves 0: integration times and channel widths. Enters: times or frequencies. Leaves: how far
// apart neighbours are.
#pragma once

#include <algorithm>
#include <vector>

namespace nocturne {

/// From `at` to the nearest of the ascending values that is further than `same` from it; 0 where there is none.
inline double distance_to_nearest(std::vector<double> const& ascending, double at, double same)
{
    auto const above = std::upper_bound(ascending.begin(), ascending.end(), at + same);
    auto const below = std::lower_bound(ascending.begin(), ascending.end(), at - same);
    double const up = above == ascending.end() ? 0 : *above - at;
    double const down = below == ascending.begin() ? 0 : at - *(below - 1);
    return up > 0 && down > 0 ? std::min(up, down) : std::max(up, down);
}

}  // namespace nocturne
