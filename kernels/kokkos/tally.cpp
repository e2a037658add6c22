// Launch of `tally` on the host: which flag bytes a row holds is seen by a vectorised look; rows of one byte are counted by it, others a
// kind at a time.
#include "kernels/tally.hpp"

#include "kernels/kokkos/loop.hpp"

#include <numeric>

namespace nocturne {
namespace {

/// Samples of a row whose lowest set bit is `bit`.
std::int32_t count_lowest(std::uint8_t const* row, Index n, std::uint8_t bit)
{
    std::int32_t count = 0;
    for (Index i = 0; i < n; ++i) count += (row[i] & (2U * bit - 1U)) == bit;
    return count;
}

struct TallyRow {
    TallyCell cell;
    bool contiguous;

    void operator()(Index integration, Index baseline) const
    {
        auto const& flag = cell.args.flag;
        if (!contiguous) return cell(integration, baseline);
        Index const n = flag.extent[2] * flag.extent[3];
        auto const* row = &flag(integration, baseline, 0, 0);
        unsigned any = 0, differs = 0;
        for (Index i = 0; i < n; ++i) any |= row[i];
        for (Index i = 0; i < n; ++i) differs |= static_cast<unsigned>(row[i] ^ row[0]);
        auto const total = static_cast<std::int32_t>(n);
        std::int32_t count[TallyArgs::kinds] = {};
        for (int bit = 0; bit < TallyArgs::kinds - 1 && differs != 0; ++bit)
            if (any >> bit & 1U) count[1 + bit] = count_lowest(row, n, static_cast<std::uint8_t>(1U << bit));
        if (differs == 0) count[TallyCell::kind_of(row[0])] = total;
        count[0] = total - std::accumulate(count + 1, count + TallyArgs::kinds, 0);
        for (int kind = 0; kind < TallyArgs::kinds; ++kind) cell.args.count(integration, baseline, kind) = count[kind];
    }
};

}  // namespace

void launch(KokkosDevice const&, TallyArgs const& args)
{
    if (args.flag.size() == 0) return;
    bool const contiguous = args.flag.stride[3] == 1 && args.flag.stride[2] == args.flag.extent[3];
    kokkos::for_each(args.flag.extent[0], args.flag.extent[1], TallyRow{TallyCell{args}, contiguous});
}

}  // namespace nocturne
