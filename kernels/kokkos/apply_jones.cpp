// Launch of `apply_jones` on the host. perf/bench/apply_jones_bench has the rates.
#include "kernels/apply_jones.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, ApplyJonesArgs const& args)
{
    kokkos::for_each(args.vis.extent[0] * args.vis.extent[1], args.vis.extent[2], ApplyJonesCell{args});
}

}  // namespace nocturne
