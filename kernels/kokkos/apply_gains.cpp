// Launch of `apply_gains` on the host: a baseline at a time in vectors (kernels/kokkos/apply_gains_row-inl.hpp) where rows are contiguous, the shared body
// else. perf/bench/apply_gains_bench has the rates.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/apply_gains.cpp"
#include <hwy/foreach_target.h>

#include "kernels/kokkos/apply_gains_row-inl.hpp"

#if HWY_ONCE
#    include "kernels/kokkos/loop.hpp"

namespace nocturne {

HWY_EXPORT(apply_gains_baseline);

namespace {

bool fits_rows(ApplyGainsArgs const& args)
{
    Index const np = args.vis.extent[3];
    auto const contiguous = [&](auto const& view) { return view.stride[3] == 1 && view.stride[2] == np; };
    bool const one_weight = args.weight.stride[2] == 0 && args.weight.stride[3] == 0;
    return (np == 1 || np == 2 || np == 4) && contiguous(args.vis) && contiguous(args.new_weight) &&
           contiguous(args.band) && contiguous(args.band_two) && (!args.raw.data || contiguous(args.raw)) &&
           (one_weight || contiguous(args.weight));
}

}  // namespace

void launch(KokkosDevice const&, ApplyGainsArgs const& args)
{
    auto const& vis = args.vis;
    if (vis.size() == 0) return;
    if (fits_rows(args))
        kokkos::for_each(vis.extent[1], [&](Index b) { HWY_DYNAMIC_DISPATCH(apply_gains_baseline)(args, b); });
    else
        kokkos::for_each(vis.extent[0] * vis.extent[1], vis.extent[2] * vis.extent[3], ApplyGainsCell{args});
}

}  // namespace nocturne
#endif
