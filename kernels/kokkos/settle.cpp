// Launch of `settle` on the host. A baseline without interference and without an outlier is recognised by a vectorised look at its
// rows; the others go through the body.
#include "kernels/settle.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {
namespace {

/// True where a row of n samples holds interference or a good sample whose power may lie beyond `limit`.
bool needs_work(Vis const* vis, std::uint8_t const* flag, Index n, float limit)
{
    unsigned found = 0;
    for (Index i = 0; i < n; ++i) found |= flag[i] & flag_rfi;
    if (found) return true;
    for (Index i = 0; i < n; ++i) found |= vis[i].re * vis[i].re + vis[i].im * vis[i].im > limit ? 1U : 0U;
    return found != 0;
}

}  // namespace

void launch(KokkosDevice const&, SettleArgs const& args)
{
    auto const& vis = args.vis;
    if (vis.size() == 0) return;
    bool const contiguous = vis.stride[3] == 1 && vis.stride[2] == vis.extent[3] && args.flag.stride[3] == 1 &&
                            args.flag.stride[2] == vis.extent[3];
    kokkos::for_each_tile(vis.extent[1], settle_scratch_bytes(1, vis.extent[2]), [&](SerialTeam& team, Index b) {
        float least = args.limit(b, 0);
        for (Index p = 1; p < vis.extent[3]; ++p) least = args.limit(b, p) < least ? args.limit(b, p) : least;
        bool work = !contiguous;
        for (Index t = 0; t < vis.extent[0] && !work; ++t)
            work = needs_work(&vis(t, b, 0, 0), &args.flag(t, b, 0, 0), vis.extent[2] * vis.extent[3], least);
        if (work) return SettleTile{args}(team, b);
        if (!args.grown_channel.data) return;
        for (Index c = 0; c < vis.extent[2]; ++c) args.grown_channel(b, c) = 0;
        for (Index t = 0; t < vis.extent[0]; ++t) args.grown_row(t, b) = 0;
    });
}

}  // namespace nocturne
