// Launch of `subtract` on the host: rows of a tile in vector registers (subtract_tile-inl.hpp), the instruction set chosen at
// run time. perf/bench/subtract_bench has the rates.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/subtract.cpp"
#include <hwy/foreach_target.h>

#include "kernels/kokkos/subtract_tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

void subtract_tile(SubtractArgs const& args, Index tile) { args.peaks(tile) = SubtractRows(args, tile).run(); }

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#    include "kernels/kokkos/loop.hpp"

namespace nocturne {

HWY_EXPORT(subtract_tile);

void launch(KokkosDevice const&, SubtractArgs const& args)
{
    kokkos::for_each(args.tiles.extent[0], [&](Index tile) { HWY_DYNAMIC_DISPATCH(subtract_tile)(args, tile); });
}

}  // namespace nocturne
#endif
