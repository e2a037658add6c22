// Kernel `weigh`: the imaging factor of each visibility, looked up in its cell of the uv grid. Enters: uvw, frequencies, a
// table over cells. Leaves: factors.
#pragma once

#include "kernels/shared/uv_cell.hpp"
#include "nocturne/device.hpp"

namespace nocturne {

/// factor[integration][baseline][channel] = table[cell of (u, v) · f/c], 0 outside the grid. Shapes: uvw_m [integration]
/// [baseline][3], metres; freq_hz [channel], positive; table [cells of UvCells]. The imaging weight is natural weight × factor. Aliasing:
/// none. Source: Briggs 1995 (thesis, New Mexico Tech), section 3.3.
struct WeighArgs {
    View<double const, 3> uvw_m;
    View<double const, 1> freq_hz;
    UvCells cells;
    View<float const, 1> table;
    View<float, 3> factor;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(WeighArgs const& args)
{
    NOCT_CHECK(args.uvw_m.extent[0] == args.factor.extent[0] && args.uvw_m.extent[1] == args.factor.extent[1] &&
                   args.uvw_m.extent[2] == 3 && args.freq_hz.extent[0] == args.factor.extent[2],
               "weigh: factor is not [integration][baseline][channel]");
    NOCT_CHECK(args.cells.size() < (Index(1) << 31), "weigh: more cells than 32 bits count");
    NOCT_CHECK(args.cells.cell_lambda > 0 && args.table.extent[0] == args.cells.size(),
               "weigh: table and cells differ");
}

/// One channel of one (integration, baseline).
struct WeighCell {
    WeighArgs args;

    NOCT_INLINE void operator()(Index row, Index channel) const
    {
        Index const baselines = args.factor.extent[1], t = row / baselines, b = row % baselines;
        double const f = args.freq_hz(channel) * args.cells.scale();
        Index const cell = args.cells.at(args.uvw_m(t, b, 0) * f, args.uvw_m(t, b, 1) * f);
        args.factor(t, b, channel) = cell < 0 ? 0 : args.table(cell);
    }
};

void launch(KokkosDevice const&, WeighArgs const&);
void launch(CudaDevice const&, WeighArgs const&);

}  // namespace nocturne
