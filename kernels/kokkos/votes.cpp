// Launch of `votes` on the host.
#include "kernels/votes.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, VotesArgs const& args)
{
    kokkos::for_each(args.mask.extent[1], args.mask.extent[2], VotesCell{args});
}

}  // namespace nocturne
