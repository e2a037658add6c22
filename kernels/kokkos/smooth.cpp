// Launches of `smooth` and its transpose on the host: whole rows (kernels/kokkos/smooth_rows.hpp).
#include "kernels/smooth.hpp"

#include "kernels/kokkos/loop.hpp"
#include "kernels/kokkos/smooth_rows.hpp"

namespace nocturne {

void launch(KokkosDevice const&, SmoothArgs const& args)
{
    kokkos::for_each(args.work.extent[0], kokkos::SmoothRow{args});
    kokkos::for_each(args.out.extent[0], kokkos::SmoothColumns{args});
}

void launch(KokkosDevice const&, SpreadArgs const& args)
{
    kokkos::for_each(args.work.extent[0], kokkos::SpreadColumns{args});
    kokkos::for_each(args.fine.extent[0], kokkos::SpreadRow{args});
}

}  // namespace nocturne
