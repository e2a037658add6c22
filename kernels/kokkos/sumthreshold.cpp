// Launch of `sumthreshold` on the host: up to 32 integrations a mask word a channel, in vectors; longer groups, and AOFlagger's strategy, go through the body.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/sumthreshold.cpp"
#include <hwy/foreach_target.h>

#include "kernels/kokkos/sumthreshold_baseline-inl.hpp"

#if HWY_ONCE
#    include "kernels/kokkos/loop.hpp"

namespace nocturne {

HWY_EXPORT(sumthreshold_bytes);
HWY_EXPORT(sumthreshold_baseline);

void launch(KokkosDevice const&, SumThresholdArgs const& args)
{
    if (args.vis.size() == 0) return;
    auto const& shape = args.vis.extent;
    if (args.rule.strategy == Strategy::aoflagger)
        return kokkos::for_each_tile(shape[1], sumthreshold_scratch_bytes(1), AoflaggerTile{args});
    if (shape[0] > 32) return kokkos::for_each_tile(shape[1], sumthreshold_scratch_bytes(1), SumThresholdTile{args});
    std::size_t const bytes = HWY_DYNAMIC_DISPATCH(sumthreshold_bytes)(args);
    kokkos::for_each_tile(shape[1], bytes, [&](SerialTeam& team, Index b) {
        HWY_DYNAMIC_DISPATCH(sumthreshold_baseline)(args, b, team.scratch<float>(bytes / sizeof(float)));
    });
}

}  // namespace nocturne
#endif
