// Launch of `apply_gains` on the host: a baseline at a time by rows (kernels/kokkos/apply_gains_rows.hpp) where they are contiguous, the shared body
// else. perf/bench/apply_gains_bench has the rates.
#include "kernels/kokkos/apply_gains_rows.hpp"
#include "kernels/kokkos/loop.hpp"

namespace nocturne {
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
        kokkos::for_each(vis.extent[1], kokkos::ApplyGainsBaseline{{args}});
    else
        kokkos::for_each(vis.extent[0] * vis.extent[1], vis.extent[2] * vis.extent[3], ApplyGainsCell{args});
}

}  // namespace nocturne
