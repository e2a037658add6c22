// Launch of `density` on the host: cells of a row of channels in vectors, then runs of channels. perf/bench/density_bench has
// the rates.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/density.cpp"
#include <hwy/foreach_target.h>

#include "kernels/density.hpp"
#include "kernels/kokkos/uv_row-inl.hpp"
#include "kernels/kokkos/weight_row-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

void density_row(DensityArgs const& args, Index row, std::int32_t* cell, float* weight)
{
    Index const baselines = args.in.vis.extent[1], t = row / baselines, b = row % baselines, n = args.freq_hz.extent[0];
    if (args.is_auto(b)) return;
    cells_of_row(args.cells, args.uvw_m(t, b, 0), args.uvw_m(t, b, 1), args.freq_hz.data, n, cell);
    weights_of_row(args.in, t, b, n, weight);
    DensityCell const body{args};
    for (Index first = 0; first < n; first += DensityArgs::run) {
        Index const end = first + DensityArgs::run < n ? first + DensityArgs::run : n;
        for (Index c = first; c < end;) {
            std::int32_t const here = cell[c];
            double held = 0;
            do held += static_cast<double>(weight[c]);
            while (++c < end && cell[c] == here);
            body.add(here, held);
        }
    }
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#    include "kernels/kokkos/loop.hpp"

namespace nocturne {

HWY_EXPORT(density_row);

void launch(KokkosDevice const&, DensityArgs const& args)
{
    auto const n = static_cast<std::size_t>(args.freq_hz.extent[0]);
    Index const rows = args.in.vis.extent[0] * args.in.vis.extent[1];
    kokkos::for_each_tile(rows, n * (sizeof(std::int32_t) + sizeof(float)) + 128, [&](SerialTeam& team, Index row) {
        auto* const cell = team.scratch<std::int32_t>(n);
        HWY_DYNAMIC_DISPATCH(density_row)(args, row, cell, team.scratch<float>(n));
    });
}

}  // namespace nocturne
#endif
