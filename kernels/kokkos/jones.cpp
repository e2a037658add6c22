// Launch of `jones` on the host: a thread a solve. perf/bench/jones_bench has the rates.
#include "kernels/jones.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, JonesArgs const& args)
{
    kokkos::for_each_tile(args.sums.extent[1], JonesTile::scratch_bytes(args.n_antennas), JonesTile{args});
}

}  // namespace nocturne
