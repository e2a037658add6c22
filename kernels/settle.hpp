// Kernel `settle`: the last word on a baseline's interference. Enters: a block with what was found. Leaves: outliers clipped,
// interference extended over correlations, and over channels and integrations that are mostly lost.
#pragma once

#include "kernels/shared/team_sum.hpp"
#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// Shapes: vis, flag [integration][baseline][channel][correlation]; limit [baseline][correlation]. A cell is interference where a correlation has
/// flag_rfi or is unflagged with |V|² > limit (then all its correlations gain flag_rfi). A channel of a baseline of which more than
/// grow_time of the integrations that can be used are interference is flagged in all of them; an integration likewise with
/// grow_freq; both are decided before either is applied. Usable: no bit below flag_rfi in any correlation that is there (without
/// flag_missing), and one is. Idempotent but for growth after growth. Source of the operations: CASA flagdata, modes clip and extend.
struct SettleArgs {
    View<Vis const, 4> vis;
    View<std::uint8_t, 4> flag;
    View<float const, 2> limit;
    float grow_time = 1, grow_freq = 1;
    View<std::uint8_t, 2> grown_channel{},
        grown_row{};  ///< [baseline][channel], [integration][baseline]: 1 where all was flagged, written whole; or no data
    static constexpr Index most_channels = 1 << 15;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(SettleArgs const& args)
{
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.vis.extent[axis] == args.flag.extent[axis], "settle: vis and flag differ in shape");
    NOCT_CHECK(args.limit.extent[0] == args.vis.extent[1] && args.limit.extent[1] == args.vis.extent[3],
               "settle: one limit per baseline and correlation is needed");
    NOCT_CHECK(args.vis.extent[2] <= SettleArgs::most_channels, "settle: too many channels");
    if (!args.grown_channel.data && !args.grown_row.data) return;
    NOCT_CHECK(args.grown_channel.extent[0] == args.vis.extent[1] &&
                   args.grown_channel.extent[1] == args.vis.extent[2] &&
                   args.grown_row.extent[0] == args.vis.extent[0] && args.grown_row.extent[1] == args.vis.extent[1],
               "settle: what grew is of another shape");
}

/// Bytes of scratch for a team of `size` threads.
constexpr std::size_t settle_scratch_bytes(int size, Index nc)
{
    return (static_cast<std::size_t>(size) * sizeof(std::int32_t) + 63) / 64 * 64 +
           (static_cast<std::size_t>(nc) + 63) / 64 * 64;
}

/// One baseline, a channel a thread.
struct SettleTile {
    SettleArgs args;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index b) const
    {
        Index const nt = args.vis.extent[0], nc = args.vis.extent[2];
        auto* const parts = team.template scratch<std::int32_t>(static_cast<std::size_t>(team.size()));
        auto* const lost = team.template scratch<std::uint8_t>(static_cast<std::size_t>(nc));
        for (Index c = team.rank(); c < nc; c += team.size()) {
            std::int32_t usable = 0, hit = 0;
            for (Index t = 0; t < nt; ++t) clip(t, b, c, usable, hit);
            lost[c] = hit > 0 && static_cast<float>(hit) > args.grow_time * static_cast<float>(usable);
            if (args.grown_channel.data) args.grown_channel(b, c) = lost[c];
        }
        for (Index t = 0; t < nt; ++t) {
            std::int32_t usable = 0, hit = 0;
            for (Index c = team.rank(); c < nc; c += team.size()) count(t, b, c, usable, hit);
            hit = team_sum(team, parts, hit);
            usable = team_sum(team, parts, usable);
            bool const row = hit > 0 && static_cast<float>(hit) > args.grow_freq * static_cast<float>(usable);
            if (team.rank() == 0 && args.grown_row.data) args.grown_row(t, b) = row;
            for (Index c = team.rank(); c < nc; c += team.size())
                if (row || lost[c])
                    for (Index p = 0; p < args.vis.extent[3]; ++p) args.flag(t, b, c, p) |= flag_rfi;
        }
    }

    NOCT_INLINE void clip(Index t, Index b, Index c, std::int32_t& usable, std::int32_t& hit) const
    {
        bool found = false;
        for (Index p = 0; p < args.vis.extent[3]; ++p) {
            std::uint8_t const flag = args.flag(t, b, c, p);
            Vis const v = args.vis(t, b, c, p);
            found |= (flag & flag_rfi) != 0 || (flag == 0 && v.re * v.re + v.im * v.im > args.limit(b, p));
        }
        for (Index p = 0; found && p < args.vis.extent[3]; ++p) args.flag(t, b, c, p) |= flag_rfi;
        count(t, b, c, usable, hit);
    }

    NOCT_INLINE void count(Index t, Index b, Index c, std::int32_t& usable, std::int32_t& hit) const
    {
        unsigned bits = 0;
        bool there = false;
        for (Index p = 0; p < args.vis.extent[3]; ++p) {
            std::uint8_t const flag = args.flag(t, b, c, p);
            if ((flag & flag_missing) != 0) continue;
            there = true;
            bits |= flag;
        }
        bool const can = there && (bits & (flag_rfi - 1U)) == 0;
        usable += can;
        hit += can && (bits & flag_rfi) != 0;
    }
};

void launch(KokkosDevice const&, SettleArgs const&);
void launch(CudaDevice const&, SettleArgs const&);

}  // namespace nocturne
