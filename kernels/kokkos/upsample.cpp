// Launches of `upsample` and its transpose on the host: whole rows (kernels/kokkos/upsample_rows.hpp).
#include "kernels/upsample.hpp"

#include "kernels/kokkos/loop.hpp"
#include "kernels/kokkos/upsample_rows.hpp"

namespace nocturne {

void launch(KokkosDevice const&, UpsampleArgs const& args)
{
    if (args.filter.half_taps == 0) {
        kokkos::for_each(args.fine.extent[0], args.fine.extent[1], CutCell{args});
        return;
    }
    kokkos::for_each(args.fine.extent[0], kokkos::UpsampleRow{args});
    kokkos::for_each(args.fine.extent[0], kokkos::UpsampleColumns{args});
}

void launch(KokkosDevice const&, DownsampleArgs const& args)
{
    if (args.filter.half_taps == 0) {
        kokkos::for_each(args.coarse.extent[0], args.coarse.extent[1], PadCell{args});
        return;
    }
    kokkos::for_each(args.fine.extent[0], kokkos::DownsampleColumns{args});
    kokkos::for_each(args.coarse.extent[0], kokkos::DownsampleRow{args});
}

}  // namespace nocturne
