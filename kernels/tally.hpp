// Kernel `tally`: accounts for every sample of a block. Enters: flags. Leaves: for each (integration, baseline) row the
// number of samples used and, for the others, how many have each lowest flag bit.
#pragma once

#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// Shapes: flag [integration][baseline][channel][correlation]; count [integration][baseline][9], written whole: count 0 is
/// samples used, count 1 + k those whose lowest set bit is k (FlagReason 1 << k). Each row sums to channels × correlations.
struct TallyArgs {
    View<std::uint8_t const, 4> flag;
    View<std::int32_t, 3> count;
    static constexpr int kinds = 9;
};

/// Host: throws Error(defect) where shapes differ or a row is too long for its counters.
inline void check(TallyArgs const& args)
{
    NOCT_CHECK(args.count.extent[0] == args.flag.extent[0] && args.count.extent[1] == args.flag.extent[1],
               "tally: one row of counts per integration and baseline is needed");
    NOCT_CHECK(args.count.extent[2] == TallyArgs::kinds, "tally: nine counts a row are needed");
    NOCT_CHECK(args.flag.extent[2] * args.flag.extent[3] < (Index(1) << 31), "tally: a row is too long");
}

/// One row.
struct TallyCell {
    TallyArgs args;

    NOCT_INLINE void operator()(Index integration, Index baseline) const
    {
        std::int32_t count[TallyArgs::kinds] = {};
        for (Index channel = 0; channel < args.flag.extent[2]; ++channel)
            for (Index correlation = 0; correlation < args.flag.extent[3]; ++correlation) {
                unsigned const bits = args.flag(integration, baseline, channel, correlation);
                for (int kind = 0; kind < TallyArgs::kinds; ++kind) count[kind] += kind == kind_of(bits);
            }
        for (int kind = 0; kind < TallyArgs::kinds; ++kind) args.count(integration, baseline, kind) = count[kind];
    }

    /// 0 for a sample in use, else 1 + the number of its lowest set bit.
    NOCT_INLINE static int kind_of(unsigned bits)
    {
        int kind = 0;
        for (int bit = 7; bit >= 0; --bit)
            if (bits >> bit & 1U) kind = 1 + bit;
        return kind;
    }
};

void launch(KokkosDevice const&, TallyArgs const&);
void launch(CudaDevice const&, TallyArgs const&);

}  // namespace nocturne
