// Launch of `project` on the host.
#include "kernels/project.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, ProjectArgs const& args)
{
    kokkos::for_each_tile(args.rects.extent[0], ProjectTile::scratch_bytes, ProjectTile{args});
}

}  // namespace nocturne
