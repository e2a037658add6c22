// Launch of `settle` on the host: rows of samples that lie side by side; others go through the body. perf/bench/settle_bench has the rate.
#include "kernels/settle.hpp"

#include "kernels/kokkos/loop.hpp"
#include "kernels/kokkos/settle_rows.hpp"

namespace nocturne {
namespace {

template<int P>
void settle_rows(SettleArgs const& args)
{
    kokkos::for_each_tile(args.vis.extent[1],
                          kokkos::SettleRows<P>::scratch_bytes(args.vis.extent[0], args.vis.extent[2]),
                          [&](SerialTeam& team, Index b) { kokkos::SettleRows<P>(args, team, b).run(); });
}

}  // namespace

void launch(KokkosDevice const&, SettleArgs const& args)
{
    auto const& vis = args.vis;
    if (vis.size() == 0) return;
    Index const np = vis.extent[3];
    bool const together = vis.stride[3] == 1 && vis.stride[2] == np && args.flag.stride[3] == 1 &&
                          args.flag.stride[2] == np && (!args.grown_channel.data || args.grown_channel.stride[1] == 1);
    if (together && np == 1) return settle_rows<1>(args);
    if (together && np == 2) return settle_rows<2>(args);
    if (together && np == 4) return settle_rows<4>(args);
    kokkos::for_each_tile(vis.extent[1], settle_scratch_bytes(1, vis.extent[2]), SettleTile{args});
}

}  // namespace nocturne
