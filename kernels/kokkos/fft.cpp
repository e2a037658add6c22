// `fft` on the host: pruned passes over eight columns at a time (kernels/kokkos/lanes_fft-inl.hpp). Rows of v are
// transformed for the tile columns that a plane touches, then rows of u for the kept rows; screen and sum follow in
// registers. perf/bench/fft_bench has the rates.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/fft.cpp"
#include <hwy/foreach_target.h>

#include "kernels/fft.hpp"
#include "kernels/kokkos/fft_passes-inl.hpp"

#if HWY_ONCE
namespace nocturne {

HWY_EXPORT(plane_to_image);
HWY_EXPORT(image_to_plane);

void launch(KokkosDevice const&, PlaneToImageArgs const& args)
{
    NOCT_CHECK(args.work.extent[0] >= fft_work(KokkosDevice{}, args.lattice.n, args.kept.n_kept),
               "fft: too little work space");
    HWY_DYNAMIC_DISPATCH(plane_to_image)(args);
}

void launch(KokkosDevice const&, ImageToPlaneArgs const& args)
{
    NOCT_CHECK(args.work.extent[0] >= fft_work(KokkosDevice{}, args.lattice.n, args.kept.n_kept),
               "fft: too little work space");
    HWY_DYNAMIC_DISPATCH(image_to_plane)(args);
}

/// Two buffers of eight columns, and eight columns of kept rows for each tile column.
Index fft_work(KokkosDevice const&, Index n, Index n_kept)
{
    return 32 * n + n / tile_cells * n_kept * tile_row_values;
}

}  // namespace nocturne
#endif
