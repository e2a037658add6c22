// Launches of `statistics` on the host: a row a tile.
#include "kernels/kokkos/loop.hpp"
#include "kernels/kokkos/statistics_rows.hpp"

namespace nocturne {

void launch(KokkosDevice const&, StatisticsArgs const& args)
{
    kokkos::for_each_tile(args.image.extent[0], statistics_scratch_bytes(1), kokkos::MomentsRow{{args}});
}

void launch(KokkosDevice const&, CountArgs const& args)
{
    kokkos::for_each_tile(args.image.extent[0], count_scratch_bytes(1), kokkos::CountRow{{args}});
}

}  // namespace nocturne
