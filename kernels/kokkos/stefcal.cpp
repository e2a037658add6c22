// Launch of `stefcal` on the host: a vector of channels a solve (kernels/kokkos/stefcal_lanes-inl.hpp), all baselines of it in cache.
// perf/bench/stefcal_bench compares it with the shared body.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/stefcal.cpp"
#include <hwy/foreach_target.h>

#include "kernels/kokkos/stefcal_lanes-inl.hpp"

#if HWY_ONCE
#    include "kernels/kokkos/loop.hpp"

namespace nocturne {

HWY_EXPORT(stefcal_channels);
HWY_EXPORT(stefcal_scratch_bytes);

void launch(KokkosDevice const&, StefcalArgs const& args)
{
    Index const np = args.product_re.extent[1], nc = args.product_re.extent[2], per_tile = 16;
    Index const tiles = (nc + per_tile - 1) / per_tile;
    auto const bytes = HWY_DYNAMIC_DISPATCH(stefcal_scratch_bytes)(args.n_antennas);
    kokkos::for_each_tile(np * tiles, bytes, [&](SerialTeam& team, Index tile) {
        Index const first = tile % tiles * per_tile, n = nc - first < per_tile ? nc - first : per_tile;
        HWY_DYNAMIC_DISPATCH(stefcal_channels)
        (args, tile / tiles, first, n, team.scratch<float>(bytes / sizeof(float)));
    });
}

}  // namespace nocturne
#endif
