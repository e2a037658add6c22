// Launch of `degrid` on the host.
#include "kernels/degrid.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, DegridArgs const& args)
{
    kokkos::for_each_tile(args.lines.extent[0], 64, DegridTile{args});
}

}  // namespace nocturne
