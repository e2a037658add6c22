// Oracle of `smooth` and its transpose: every pair of pixels, in double precision.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <vector>

namespace nocturne::oracle {

struct Grid2 {
    long rows = 0, columns = 0;
    std::vector<double> values;
};

/// Taps g_0 … g_r; coarse pixel i lies on fine pixel step · i + origin.
struct ScaleKernel {
    std::vector<double> taps;
    long step = 1, origin = 0;

    double between(long fine, long coarse) const
    {
        auto const away = static_cast<std::size_t>(std::labs(fine - step * coarse - origin));
        return away < taps.size() ? taps[away] : 0;
    }
};

/// coarse[y][x] += Σ fine[Y][X] g g, or fine[Y][X] += Σ coarse[y][x] g g.
inline void smooth(ScaleKernel const& kernel, Grid2& coarse, Grid2& fine, bool to_coarse)
{
    for (long y = 0; y < coarse.rows; ++y)
        for (long x = 0; x < coarse.columns; ++x)
            for (long v = 0; v < fine.rows; ++v)
                for (long u = 0; u < fine.columns; ++u) {
                    double const weight = kernel.between(v, y) * kernel.between(u, x);
                    auto& narrow = coarse.values[static_cast<std::size_t>(y * coarse.columns + x)];
                    auto& wide = fine.values[static_cast<std::size_t>(v * fine.columns + u)];
                    if (to_coarse)
                        narrow += weight * wide;
                    else
                        wide += weight * narrow;
                }
}

}  // namespace nocturne::oracle
