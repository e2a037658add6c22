// Launch of `jones_sums` on the host. perf/bench/jones_sums_bench has the rates.
#include "kernels/jones_sums.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, JonesSumsArgs const& args)
{
    kokkos::for_each(args.sums.extent[0], args.sums.extent[1] * 16, JonesSumsCell{args});
}

}  // namespace nocturne
