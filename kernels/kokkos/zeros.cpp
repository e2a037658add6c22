// Launch of `zeros` on the host.
#include "kernels/zeros.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, ZerosArgs const& args)
{
    kokkos::for_each(args.vis.extent[0], args.vis.extent[1], ZerosCell{args});
}

}  // namespace nocturne
