// Launch of `tally` on the host. Most rows hold one and the same flag byte in every sample: those are recognised by a
// vectorised comparison; the others go through the body.
#include "kernels/tally.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {
namespace {

bool is_uniform(std::uint8_t const* row, Index n)
{
    unsigned differs = 0;
    for (Index i = 0; i < n; ++i) differs |= static_cast<unsigned>(row[i] ^ row[0]);
    return differs == 0;
}

struct TallyRow {
    TallyCell cell;
    bool contiguous;

    void operator()(Index integration, Index baseline) const
    {
        auto const& flag = cell.args.flag;
        Index const n = flag.extent[2] * flag.extent[3];
        auto const* row = &flag(integration, baseline, 0, 0);
        if (!contiguous || !is_uniform(row, n)) return cell(integration, baseline);
        for (int kind = 0; kind < TallyArgs::kinds; ++kind) cell.args.count(integration, baseline, kind) = 0;
        cell.args.count(integration, baseline, TallyCell::kind_of(row[0])) = static_cast<std::int32_t>(n);
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
