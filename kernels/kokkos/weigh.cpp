// Launch of `weigh` on the host: cells of a row of channels in vectors, then one gather. perf/bench/weigh_bench has the rates.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/weigh.cpp"
#include <hwy/foreach_target.h>

#include "kernels/kokkos/uv_row-inl.hpp"
#include "kernels/weigh.hpp"

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

void weigh_row(WeighArgs const& args, Index row, std::int32_t* cell)
{
    Index const baselines = args.factor.extent[1], t = row / baselines, b = row % baselines, n = args.factor.extent[2];
    cells_of_row(args.cells, args.uvw_m(t, b, 0), args.uvw_m(t, b, 1), args.freq_hz.data, n, cell);
    look_up(args.table.data, cell, n, &args.factor(t, b, 0));
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#    include "kernels/kokkos/loop.hpp"

namespace nocturne {

HWY_EXPORT(weigh_row);

void launch(KokkosDevice const&, WeighArgs const& args)
{
    Index const n = args.factor.extent[2], rows = args.factor.extent[0] * args.factor.extent[1];
    if (n == 0) return;
    kokkos::for_each_tile(
        rows, static_cast<std::size_t>(n) * sizeof(std::int32_t) + 64, [&](SerialTeam& team, Index row) {
            HWY_DYNAMIC_DISPATCH(weigh_row)(args, row, team.scratch<std::int32_t>(static_cast<std::size_t>(n)));
        });
}

}  // namespace nocturne
#endif
