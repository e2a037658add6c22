// Kernel `votes`: on how many baselines a cell is masked. Enters: masks of baselines. Leaves: counts grown.
#pragma once

#include "nocturne/device.hpp"

namespace nocturne {

/// Shapes: mask [baseline][word][channel] (bit i of word w: integration 32 w + i); count [integration][channel], += baselines whose mask
/// holds the cell. Integers: any order, any split, same bits.
struct VotesArgs {
    View<std::uint32_t const, 3> mask;
    View<std::int32_t, 2> count;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(VotesArgs const& args)
{
    NOCT_CHECK(args.mask.extent[1] == (args.count.extent[0] + 31) / 32 && args.mask.extent[2] == args.count.extent[1],
               "votes: masks and counts differ in shape");
}

/// One (word, channel).
struct VotesCell {
    VotesArgs args;

    NOCT_INLINE void operator()(Index w, Index c) const
    {
        Index const first = 32 * w, last = first + 32 < args.count.extent[0] ? first + 32 : args.count.extent[0];
        for (Index b = 0; b < args.mask.extent[0]; ++b) {
            std::uint32_t const word = args.mask(b, w, c);
            if (word == 0) continue;
            for (Index t = first; t < last; ++t)
                args.count(t, c) += static_cast<std::int32_t>(word >> (t - first) & 1U);
        }
    }
};

void launch(KokkosDevice const&, VotesArgs const&);
void launch(CudaDevice const&, VotesArgs const&);

}  // namespace nocturne
