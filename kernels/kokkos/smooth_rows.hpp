// For kernels/kokkos/smooth.cpp: one row of each pass, vectorised by the compiler along the row. Enters: the arguments and a row's
// number. Leaves: the row.
#pragma once

#include "kernels/smooth.hpp"

#include <algorithm>
#include <vector>

namespace nocturne::kokkos {

constexpr Index smooth_strip = 512;  ///< columns whose sums stay in first-level cache

/// out[x] += tap · row[x] for x in [first, end).
inline void add_row(float tap, float const* row, Index first, Index end, float* out)
{
    for (Index x = first; x < end; ++x) out[x] += tap * row[x];
}

/// Row y of `work`: along y.
struct SmoothRow {
    SmoothArgs args;
    void operator()(Index y) const
    {
        auto const& s = args.smoothing;
        Index const n = args.in.extent[1], rows = args.in.extent[0], reach = s.taps.extent[0] - 1;
        Index const centre = s.step * y + s.origin;
        Index const low = std::max<Index>(-reach, -centre), high = std::min(reach, rows - 1 - centre);
        float* const out = &args.work(y, 0);
        for (Index first = 0; first < n; first += smooth_strip) {
            Index const end = std::min(n, first + smooth_strip);
            std::fill(out + first, out + end, 0.F);
            for (Index j = low; j <= high; ++j)
                add_row(s.taps(j < 0 ? -j : j), &args.in(centre + j, 0), first, end, out);
        }
    }
};

/// Row y of `out`: along x, in a row with zeros on both sides.
struct SmoothColumns {
    SmoothArgs args;
    void operator()(Index y) const
    {
        auto const& s = args.smoothing;
        Index const n = args.in.extent[1], m = args.out.extent[1], reach = s.taps.extent[0] - 1;
        float* const out = &args.out(y, 0);
        if (s.step > 1) {
            for (Index x = 0; x < m; ++x) out[x] = smoothed(s, &args.work(y, 0), 1, n, x);
            return;
        }
        std::fill(out, out + m, 0.F);
        for (Index first = 0; first < m; first += smooth_strip)
            for (Index j = -reach; j <= reach; ++j) {
                Index const shift = s.origin + j;
                Index const begin = std::max(first, -shift), end = std::min({m, first + smooth_strip, n - shift});
                if (begin < end)
                    add_row(s.taps(j < 0 ? -j : j), args.work.data + y * args.work.stride[0] + shift, begin, end, out);
            }
    }
};

/// Row y of `work`: along x.
struct SpreadColumns {
    SpreadArgs args;
    void operator()(Index y) const
    {
        auto const& s = args.smoothing;
        Index const n = args.fine.extent[1], m = args.coarse.extent[1], reach = s.taps.extent[0] - 1;
        float* const out = &args.work(y, 0);
        std::fill(out, out + n, 0.F);
        for (Index first = 0; s.step == 1 && first < n; first += smooth_strip)
            for (Index j = -reach; j <= reach; ++j) {
                Index const shift = s.origin + j;  // of fine pixels against coarse ones
                Index const begin = std::max(first, shift), end = std::min({n, first + smooth_strip, m + shift});
                if (begin < end)
                    add_row(s.taps(j < 0 ? -j : j), args.coarse.data + y * args.coarse.stride[0] - shift, begin, end,
                            out);
            }
        for (Index i = 0; s.step > 1 && i < m; ++i) {
            float const value = args.coarse(y, i);
            Index const centre = s.step * i + s.origin;
            if (value == 0) continue;
            Index const low = std::max<Index>(-reach, -centre), high = std::min(reach, n - 1 - centre);
            for (Index j = low; j <= high; ++j) out[centre + j] += s.taps(j < 0 ? -j : j) * value;
        }
    }
};

/// Row y of `fine`: along y.
struct SpreadRow {
    SpreadArgs args;
    void operator()(Index y) const
    {
        auto const& s = args.smoothing;
        Index const n = args.fine.extent[1], reach = s.taps.extent[0] - 1;
        Index const begin = first_reaching(s, y);
        float* const out = &args.fine(y, 0);
        for (Index first = 0; first < n; first += smooth_strip)
            for (Index i = begin; i < args.coarse.extent[0]; ++i) {
                Index const away = y - s.step * i - s.origin;
                if (away < -reach) break;
                add_row(s.taps(away < 0 ? -away : away), &args.work(i, 0), first, std::min(n, first + smooth_strip),
                        out);
            }
    }
};

}  // namespace nocturne::kokkos
