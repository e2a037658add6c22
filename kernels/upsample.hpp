// Kernel `upsample`: doubles the resolution of an image that has no structure near the Nyquist limit of its pixels, by a
// half-band filter; and the transpose. Enters: the coarse image with its border, taps. Leaves: the fine image (or back).
#pragma once

#include "nocturne/device.hpp"

namespace nocturne {

constexpr int max_half_taps = 32;

/// fine [n][n] with n even, coarse [nc][nc] with nc even and nc/2 ≥ n/4 + half_taps + 1: pixel 2 (X − nc/2) + n/2 of fine is
/// pixel X of coarse. Even ones are copied, the one between X and X + 1 is Σ_j taps[j] (c[X − j] + c[X + 1 + j]), first
/// along y, then along x. half_taps 0: both have the same pixels, nc ≥ n, and the border is cut off. Source: half-band interpolation (Crochiere & Rabiner 1983, ch. 4), taps by least squares.
struct HalfBand {
    int half_taps = 0;
    float taps[max_half_taps] = {};
};

/// Coarse to fine. `work` [n][nc]: rows done, columns not yet.
struct UpsampleArgs {
    View<float const, 2> coarse;
    View<float, 2> fine, work;
    HalfBand filter;
};

/// The transpose, fine to coarse.
struct DownsampleArgs {
    View<float const, 2> fine;
    View<float, 2> coarse, work;
    HalfBand filter;
};

template<class Args>
inline void check_sampling(Args const& args)
{
    Index const n = args.fine.extent[0], nc = args.coarse.extent[0];
    NOCT_CHECK(n > 0 && n % 2 == 0 && args.fine.extent[1] == n, "upsample: the fine image must be square and even");
    NOCT_CHECK(nc % 2 == 0 && args.coarse.extent[1] == nc, "upsample: the coarse image must be square and even");
    if (args.filter.half_taps == 0) {
        NOCT_CHECK(nc >= n, "upsample: the image to be cut is smaller than the cut");
        return;
    }
    NOCT_CHECK(args.filter.half_taps >= 1 && args.filter.half_taps <= max_half_taps,
               "upsample: number of taps out of range");
    NOCT_CHECK(nc / 2 >= (n + 3) / 4 + args.filter.half_taps + 1, "upsample: the border is too narrow for the filter");
    NOCT_CHECK(args.work.extent[0] == n && args.work.extent[1] == nc, "upsample: work space of another shape");
}
inline void check(UpsampleArgs const& args) { check_sampling(args); }
inline void check(DownsampleArgs const& args) { check_sampling(args); }

/// The coarse pixel at or before fine pixel i, and whether i lies between it and the next.
struct HalfPosition {
    Index coarse;
    bool between;
    NOCT_INLINE HalfPosition(Index i, Index n, Index nc)
    {
        Index const d = i - n / 2 + nc;  // even offset keeps the division exact for negatives: nc is even
        coarse = d / 2;
        between = d % 2 != 0;
    }
};

/// Fine pixel i of a line of coarse pixels.
NOCT_INLINE float interpolate(HalfBand const& filter, float const* line, Index stride, HalfPosition at)
{
    float const* c = line + at.coarse * stride;
    if (!at.between) return *c;
    float sum = 0;
    for (int j = 0; j < filter.half_taps; ++j) sum += filter.taps[j] * (c[-j * stride] + c[(j + 1) * stride]);
    return sum;
}

/// Coarse pixel X of the transpose along a line of n fine pixels.
NOCT_INLINE float gather(HalfBand const& filter, float const* line, Index stride, Index coarse, Index n, Index nc)
{
    Index const centre = 2 * (coarse - nc / 2) + n / 2;
    auto const at = [&](Index i) { return i >= 0 && i < n ? line[i * stride] : 0.F; };
    float sum = at(centre);
    for (int j = 0; j < filter.half_taps; ++j)
        sum += filter.taps[j] * (at(centre + 1 + 2 * j) + at(centre - 1 - 2 * j));
    return sum;
}

/// work(y, X) from coarse, then fine(y, x) from work.
struct UpsampleRowsCell {
    UpsampleArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        HalfPosition const at(y, args.fine.extent[0], args.coarse.extent[0]);
        args.work(y, x) = interpolate(args.filter, args.coarse.data + x, args.coarse.stride[0], at);
    }
};
struct UpsampleColumnsCell {
    UpsampleArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        HalfPosition const at(x, args.fine.extent[1], args.coarse.extent[1]);
        args.fine(y, x) = interpolate(args.filter, &args.work(y, 0), 1, at);
    }
};

/// work(y, X) from fine, then coarse(Y, X) from work.
struct DownsampleColumnsCell {
    DownsampleArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        args.work(y, x) = gather(args.filter, &args.fine(y, 0), 1, x, args.fine.extent[1], args.coarse.extent[1]);
    }
};
struct DownsampleRowsCell {
    DownsampleArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        args.coarse(y, x) =
            gather(args.filter, args.work.data + x, args.work.stride[0], y, args.fine.extent[0], args.coarse.extent[0]);
    }
};

/// half_taps 0: fine(y, x) is the middle of coarse; and the transpose, which clears the border.
struct CutCell {
    UpsampleArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        Index const border = (args.coarse.extent[0] - args.fine.extent[0]) / 2;
        args.fine(y, x) = args.coarse(y + border, x + border);
    }
};
struct PadCell {
    DownsampleArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        Index const n = args.fine.extent[0], border = (args.coarse.extent[0] - n) / 2;
        bool const inside = y >= border && y < border + n && x >= border && x < border + n;
        args.coarse(y, x) = inside ? args.fine(y - border, x - border) : 0.F;
    }
};

void launch(KokkosDevice const&, UpsampleArgs const&);
void launch(KokkosDevice const&, DownsampleArgs const&);
void launch(CudaDevice const&, UpsampleArgs const&);
void launch(CudaDevice const&, DownsampleArgs const&);

}  // namespace nocturne
