// Launch of `power` on the host: a thread an integration, so that no two of them touch one sum; rows in vectors where two
// correlations lie side by side.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/power.cpp"
#include <hwy/foreach_target.h>

#include "kernels/kokkos/power_row-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

void power_of_integration(PowerArgs const& args, Index t)
{
    bool const paired = args.vis.extent[3] == 2 && args.vis.stride[3] == 1 && args.vis.stride[2] == 2 &&
                        args.flag.stride[3] == 1 && args.flag.stride[2] == 2;
    for (Index b = 0; b < args.vis.extent[1]; ++b) {
        if (args.antennas(b, 0) == args.antennas(b, 1)) continue;
        Index const done = paired ? power_row(args, t, b) : 0;
        PowerCell rest{args};
        rest.args.vis = args.vis.slice(1, b, 1);
        rest.args.flag = args.flag.slice(1, b, 1);
        rest.args.scale = args.scale.slice(0, b, 1);
        rest.args.median = args.median.slice(0, b, 1);
        rest.args.stray_scale = args.stray_scale.slice(0, b, 1);
        rest.args.antennas = args.antennas.slice(0, b, 1);
        for (Index c = done; c < args.vis.extent[2]; ++c) rest(t, c);
    }
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#    include "kernels/kokkos/loop.hpp"

namespace nocturne {

HWY_EXPORT(power_of_integration);

void launch(KokkosDevice const&, PowerArgs const& args)
{
    kokkos::for_each(args.vis.extent[0], [&](Index t) { HWY_DYNAMIC_DISPATCH(power_of_integration)(args, t); });
}

}  // namespace nocturne
#endif
