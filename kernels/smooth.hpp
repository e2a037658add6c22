// Kernel `smooth`: an image convolved with a symmetric separable kernel and taken at every step-th pixel; and the transpose, which
// lays a coarse image on a fine one. Enters: an image, taps. Leaves: the image of a scale (or back).
#pragma once

#include "nocturne/device.hpp"

namespace nocturne {

/// Taps g_0 … g_r of a symmetric kernel along one axis, and where coarse pixel i lies: on fine pixel step · i + origin.
struct Smoothing {
    View<float const, 1> taps;
    Index step = 1, origin = 0;
};

/// out[y][x] = Σ_{j,i = −r … r} g_|j| g_|i| in[step y + origin + j][step x + origin + i], nothing where that lies outside of `in`. Any
/// extents; rows are contiguous. `work` is [extent of out along y][extent of in along x]. Units: those of `in`. Aliasing: none.
/// Source: with Gaussian taps of unit sum the scale images of Cornwell 2008, IEEE JSTSP 2, 793, eq. 10.
struct SmoothArgs {
    View<float const, 2> in;
    View<float, 2> out, work;
    Smoothing smoothing;
};

/// The transpose, added: fine[Y][X] += Σ_{y,x} g_|Y − step y − origin| g_|X − step x − origin| coarse[y][x]. `work` is [extent of coarse
/// along y][extent of fine along x].
struct SpreadArgs {
    View<float const, 2> coarse;
    View<float, 2> fine, work;
    Smoothing smoothing;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(Smoothing const& s, View<float const, 2> const& narrow, View<float const, 2> const& wide,
                  View<float const, 2> const& work)
{
    NOCT_CHECK(s.taps.extent[0] > 0 && s.step > 0, "smooth: no taps, or no step");
    NOCT_CHECK(work.extent[0] == narrow.extent[0] && work.extent[1] == wide.extent[1],
               "smooth: work space of another shape");
    NOCT_CHECK(narrow.stride[1] == 1 && wide.stride[1] == 1 && work.stride[1] == 1, "smooth: rows are not contiguous");
}
inline void check(SmoothArgs const& args) { check(args.smoothing, args.out, args.in, args.work); }
inline void check(SpreadArgs const& args) { check(args.smoothing, args.coarse, args.fine, args.work); }

/// Σ_j g_|j| line[centre + j] of a line of n values.
NOCT_INLINE float smoothed(Smoothing const& s, float const* line, Index stride, Index n, Index coarse)
{
    Index const reach = s.taps.extent[0] - 1, centre = s.step * coarse + s.origin;
    float sum = 0;
    for (Index j = -reach; j <= reach; ++j) {
        Index const at = centre + j;
        if (at >= 0 && at < n) sum += s.taps(j < 0 ? -j : j) * line[at * stride];
    }
    return sum;
}

/// The first coarse pixel that reaches fine pixel `fine`, not before 0.
NOCT_INLINE Index first_reaching(Smoothing const& s, Index fine)
{
    Index const from = fine - s.origin - (s.taps.extent[0] - 1);
    return from <= 0 ? 0 : (from + s.step - 1) / s.step;
}

/// Σ_i g_|fine − step i − origin| line[i] of a line of n coarse values.
NOCT_INLINE float spread(Smoothing const& s, float const* line, Index stride, Index n, Index fine)
{
    Index const reach = s.taps.extent[0] - 1;
    float sum = 0;
    for (Index i = first_reaching(s, fine); i < n; ++i) {
        Index const away = fine - s.step * i - s.origin;
        if (away < -reach) break;
        sum += s.taps(away < 0 ? -away : away) * line[i * stride];
    }
    return sum;
}

/// work(y, X) from in, then out(y, x) from work.
struct SmoothRowsCell {
    SmoothArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        args.work(y, x) = smoothed(args.smoothing, args.in.data + x, args.in.stride[0], args.in.extent[0], y);
    }
};
struct SmoothColumnsCell {
    SmoothArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        args.out(y, x) = smoothed(args.smoothing, &args.work(y, 0), 1, args.in.extent[1], x);
    }
};

/// work(y, X) from coarse, then fine(Y, X) grows by work.
struct SpreadColumnsCell {
    SpreadArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        args.work(y, x) = spread(args.smoothing, &args.coarse(y, 0), 1, args.coarse.extent[1], x);
    }
};
struct SpreadRowsCell {
    SpreadArgs args;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        args.fine(y, x) += spread(args.smoothing, args.work.data + x, args.work.stride[0], args.coarse.extent[0], y);
    }
};

void launch(KokkosDevice const&, SmoothArgs const&);
void launch(KokkosDevice const&, SpreadArgs const&);
void launch(CudaDevice const&, SmoothArgs const&);
void launch(CudaDevice const&, SpreadArgs const&);

}  // namespace nocturne
