// Kernel `density`: natural weights summed on the cells of the uv grid. Enters: a block's flags and weights, uvw, frequencies.
// Leaves: sums of integers, added to what stands there.
#pragma once

#include "kernels/shared/atomic.hpp"
#include "kernels/shared/uv_cell.hpp"
#include "nocturne/device.hpp"
#include "nocturne/stokes.hpp"

namespace nocturne {

/// Shapes: `in` as StokesView; uvw_m [integration][baseline][3], metres; freq_hz [channel], positive; is_auto [baseline]; sum [cells of
/// UvCells]. A run of channels in one cell (cut every `run` channels) is summed in double and rounded once: sum += round(Σ w ·
/// scale), scale a power of two. Autocorrelations and points outside the grid are not counted. Aliasing: none.
/// Source: Briggs 1995 (thesis, New Mexico Tech), section 3.3.
struct DensityArgs {
    StokesView in;
    View<double const, 3> uvw_m;
    View<double const, 1> freq_hz;
    View<std::uint8_t const, 1> is_auto;
    UvCells cells;
    double scale = 1;
    View<std::int64_t, 1> sum;
    static constexpr int run = 64;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(DensityArgs const& args)
{
    auto const& shape = args.in.vis.extent;
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(shape[axis] == args.in.flag.extent[axis] && shape[axis] == args.in.weight.extent[axis],
                   "density: vis, flag and weight differ in shape");
    NOCT_CHECK(args.uvw_m.extent[0] == shape[0] && args.uvw_m.extent[1] == shape[1] && args.uvw_m.extent[2] == 3,
               "density: uvw_m is not [integration][baseline][3]");
    NOCT_CHECK(args.freq_hz.extent[0] == shape[2], "density: one frequency per channel is needed");
    NOCT_CHECK(args.is_auto.extent[0] == shape[1], "density: one autocorrelation mark per baseline is needed");
    NOCT_CHECK(args.cells.size() < (Index(1) << 31), "density: more cells than 32 bits count");
    NOCT_CHECK(args.cells.cell_lambda > 0 && args.sum.extent[0] == args.cells.size(), "density: sums and cells differ");
}

/// `run` channels of one (integration, baseline).
struct DensityCell {
    DensityArgs args;

    NOCT_INLINE void operator()(Index row, Index piece) const
    {
        Index const baselines = args.in.vis.extent[1], t = row / baselines, b = row % baselines;
        if (args.is_auto(b)) return;
        Index const first = piece * DensityArgs::run, left = args.freq_hz.extent[0] - first;
        Index const end = first + (left < DensityArgs::run ? left : DensityArgs::run);
        double const scale = args.cells.scale(), u = args.uvw_m(t, b, 0), v = args.uvw_m(t, b, 1);
        double held = 0;
        Index cell = -1;
        for (Index c = first; c < end; ++c) {
            double const f = args.freq_hz(c) * scale;
            Index const here = args.cells.at(u * f, v * f);
            if (here != cell) {
                add(cell, held);
                held = 0;
                cell = here;
            }
            held += static_cast<double>(args.in.weight_of(t, b, c));
        }
        add(cell, held);
    }

    NOCT_INLINE void add(Index cell, double held) const
    {
        if (!(cell >= 0 && held > 0)) return;
        double const units = held * args.scale + 0.5;  // beyond 2^61 whoever reads the sum refuses it
        add_atomically(&args.sum(cell), static_cast<std::int64_t>(units < 0x1p61 ? units : 0x1p61));
    }
};

void launch(KokkosDevice const&, DensityArgs const&);
void launch(CudaDevice const&, DensityArgs const&);

}  // namespace nocturne
