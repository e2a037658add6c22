// Launch of `zeros` on the host. Rows are scanned first, vectorised and without writing; only a row that holds something to
// flag goes through the body (clean rows: 5 → 39 GB/s from cache in perf/bench/zeros_bench).
#include "kernels/zeros.hpp"

#include "kernels/kokkos/loop.hpp"

#include <bit>

namespace nocturne {
namespace {

/// True where a contiguous row of n visibilities holds a zero, a value that is not finite, or one beyond the limit.
bool holds_unusable(Vis const* row, Index n)
{
    static_assert(sizeof(Vis) == 2 * sizeof(float));
    auto const* parts = &row->re;
    unsigned found = 0;
    for (Index i = 0; i < 2 * n; ++i)
        found |= !(std::bit_cast<float>(std::bit_cast<unsigned>(parts[i]) & 0x7fffffffU) <= ZerosArgs::limit_jy);
    for (Index i = 0; i < n; ++i)
        found |=
            ((std::bit_cast<unsigned>(parts[2 * i]) | std::bit_cast<unsigned>(parts[2 * i + 1])) & 0x7fffffffU) == 0;
    return found != 0;
}

struct ZerosRow {
    ZerosCell cell;
    bool contiguous;

    void operator()(Index integration, Index baseline) const
    {
        auto const& vis = cell.args.vis;
        bool const clean = contiguous && !cell.args.is_auto(baseline) &&
                           !holds_unusable(&vis(integration, baseline, 0, 0), vis.extent[2] * vis.extent[3]);
        if (!clean) cell(integration, baseline);
    }
};

}  // namespace

void launch(KokkosDevice const&, ZerosArgs const& args)
{
    if (args.vis.size() == 0) return;
    bool const contiguous = args.vis.stride[3] == 1 && args.vis.stride[2] == args.vis.extent[3];
    kokkos::for_each(args.vis.extent[0], args.vis.extent[1], ZerosRow{ZerosCell{args}, contiguous});
}

}  // namespace nocturne
