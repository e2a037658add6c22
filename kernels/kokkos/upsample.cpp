// Launches of `upsample` and its transpose on the host: rows of pixels, vectorised by the compiler.
#include "kernels/upsample.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, UpsampleArgs const& args)
{
    if (args.filter.half_taps == 0) {
        kokkos::for_each(args.fine.extent[0], args.fine.extent[1], CutCell{args});
        return;
    }
    kokkos::for_each(args.fine.extent[0], args.coarse.extent[1], UpsampleRowsCell{args});
    kokkos::for_each(args.fine.extent[0], args.fine.extent[1], UpsampleColumnsCell{args});
}

void launch(KokkosDevice const&, DownsampleArgs const& args)
{
    if (args.filter.half_taps == 0) {
        kokkos::for_each(args.coarse.extent[0], args.coarse.extent[1], PadCell{args});
        return;
    }
    kokkos::for_each(args.fine.extent[0], args.coarse.extent[1], DownsampleColumnsCell{args});
    kokkos::for_each(args.coarse.extent[0], args.coarse.extent[1], DownsampleRowsCell{args});
}

}  // namespace nocturne
