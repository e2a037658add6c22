// Launch of `weigh` on the host.
#include "kernels/weigh.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, WeighArgs const& args)
{
    kokkos::for_each(args.factor.extent[0] * args.factor.extent[1], args.factor.extent[2], WeighCell{args});
}

}  // namespace nocturne
