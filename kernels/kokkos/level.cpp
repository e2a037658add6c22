// Launch of `level` on the host: a tile a (baseline, correlation).
#include "kernels/level.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, LevelArgs const& args)
{
    kokkos::for_each_tile(args.level.size(), level_scratch_bytes(1), LevelTile{args});
}

}  // namespace nocturne
