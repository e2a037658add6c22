// Kernel `mark`: brings masks of (integration, channel) cells into the flags of a block. Enters: a table of masks and which of them
// hold for a baseline. Leaves: a flag bit set in all correlations of the masked cells.
#pragma once

#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// Shapes: flag [integration][baseline][channel][correlation]; masks [mask][word][channel] with bit i of word w for integration
/// 32 w + i; which [baseline][k], rows of `masks`, −1 = none; rows [integration][baseline], bits for a whole row. A cell that any
/// of a baseline's masks holds gains `bit`, every sample of a row its row's bits. Bits already set stay. Aliasing: none.
struct MarkArgs {
    View<std::uint8_t, 4> flag;
    View<std::uint32_t const, 3> masks;
    View<std::int32_t const, 2> which;
    View<std::uint8_t const, 2> rows;
    std::uint8_t bit = flag_rfi;
};

/// Words of a mask for n integrations.
constexpr Index mask_words(Index n) { return (n + 31) / 32; }

/// Host: throws Error(defect) where shapes differ.
inline void check(MarkArgs const& args)
{
    auto const& shape = args.flag.extent;
    NOCT_CHECK(args.masks.extent[1] == mask_words(shape[0]) && args.masks.extent[2] == shape[2],
               "mark: masks are not [mask][word][channel]");
    NOCT_CHECK(args.which.extent[0] == shape[1], "mark: one list of masks per baseline is needed");
    NOCT_CHECK(args.rows.extent[0] == shape[0] && args.rows.extent[1] == shape[1], "mark: one byte per row is needed");
}

/// All integrations of 32 channels of one baseline.
struct MarkCell {
    MarkArgs args;
    static constexpr Index run = 32;

    NOCT_INLINE void operator()(Index b, Index piece) const
    {
        Index const first = piece * run, n = args.flag.extent[2], end = first + run < n ? first + run : n;
        for (Index w = 0; w < args.masks.extent[1]; ++w) {
            std::uint32_t mask[run], any = 0;
            for (Index c = first; c < end; ++c) {
                std::uint32_t joined = 0;
                for (Index k = 0; k < args.which.extent[1]; ++k)
                    joined |= args.which(b, k) < 0 ? 0U : args.masks(args.which(b, k), w, c);
                mask[c - first] = joined;
                any |= joined;
            }
            Index const last = 32 * w + 32 < args.flag.extent[0] ? 32 * w + 32 : args.flag.extent[0];
            for (Index t = 32 * w; t < last; ++t) {
                std::uint8_t const row = args.rows(t, b);
                if (row == 0 && !(any >> (t - 32 * w) & 1U)) continue;
                for (Index c = first; c < end; ++c) {
                    auto const bits =
                        static_cast<std::uint8_t>(row | (mask[c - first] >> (t - 32 * w) & 1U ? args.bit : 0));
                    for (Index p = 0; p < args.flag.extent[3]; ++p) args.flag(t, b, c, p) |= bits;
                }
            }
        }
    }
};

void launch(KokkosDevice const&, MarkArgs const&);
void launch(CudaDevice const&, MarkArgs const&);

}  // namespace nocturne
