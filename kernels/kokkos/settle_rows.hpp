// For kernels/kokkos/settle.cpp: one baseline, the body's steps a row at a time, vectorised by the compiler along the channels. Enters:
// the arguments, scratch. Leaves: what SettleTile leaves.
#pragma once

#include "kernels/settle.hpp"

#include <algorithm>

namespace nocturne::kokkos {

/// One baseline with P correlations, which lie side by side. Scratch is written whole.
template<int P>
struct SettleRows {
    SettleArgs args;
    Index b;
    float least;  ///< limit of a correlation
    std::int32_t clean_rows = 0;
    std::int32_t *usable, *hit;                ///< [channel] over the integrations that are not clean
    std::int32_t *row_usable, *row_hit;        ///< [integration] over the channels
    std::uint8_t *over, *row_over, *row_lost;  ///< [channel][P]; [channel]; [channel]

    SettleRows(SettleArgs const& all, SerialTeam& team, Index baseline)
        : args(all), b(baseline), least(all.limit(baseline, 0))
    {
        for (int p = 1; p < P; ++p) least = std::min(least, args.limit(b, p));
        auto const nt = static_cast<std::size_t>(args.vis.extent[0]), nc = static_cast<std::size_t>(args.vis.extent[2]);
        usable = team.scratch<std::int32_t>(nc), hit = team.scratch<std::int32_t>(nc);
        row_usable = team.scratch<std::int32_t>(nt), row_hit = team.scratch<std::int32_t>(nt);
        over = team.scratch<std::uint8_t>(nc * P);
        row_over = team.scratch<std::uint8_t>(nc), row_lost = team.scratch<std::uint8_t>(nc);
    }

    static std::size_t scratch_bytes(Index nt, Index nc)
    {
        return static_cast<std::size_t>(8 * (nc + nt) + (P + 2) * nc + 7 * 64);
    }

    void run()
    {
        Index const nt = args.vis.extent[0], nc = args.vis.extent[2];
        std::fill_n(usable, nc, 0);
        std::fill_n(hit, nc, 0);
        for (Index t = 0; t < nt; ++t) clip(t);
        bool any = false;
        for (Index c = 0; c < nc; ++c) {
            row_lost[c] = beyond(hit[c], clean_rows + usable[c], args.grow_time);
            any |= row_lost[c] != 0;
        }
        if (args.grown_channel.data) std::copy_n(row_lost, nc, &args.grown_channel(b, 0));
        for (Index t = 0; t < nt; ++t) {
            bool const row = beyond(row_hit[t], row_usable[t], args.grow_freq);
            if (args.grown_row.data) args.grown_row(t, b) = row;
            auto* const flag = &args.flag(t, b, 0, 0);
            for (Index k = 0; row && k < nc * P; ++k) flag[k] |= flag_rfi;
            for (Index c = 0; any && !row && c < nc; ++c)
                for (int p = 0; p < P; ++p) flag[c * P + p] |= row_lost[c] ? flag_rfi : 0;
        }
    }

private:
    static bool beyond(std::int32_t hits, std::int32_t of, float share)
    {
        return hits > 0 && static_cast<float>(hits) > share * static_cast<float>(of);
    }

    /// Row t: interference is extended over correlations and counted.
    void clip(Index t)
    {
        Index const nc = args.vis.extent[2];
        auto const* const vis = &args.vis(t, b, 0, 0);
        auto* const flag = &args.flag(t, b, 0, 0);
        unsigned any = 0;
        for (Index k = 0; k < nc * P; ++k) any |= flag[k];
        for (Index k = 0; k < nc * P; ++k) any |= power(vis[k]) > least ? 1U : 0U;
        row_usable[t] = static_cast<std::int32_t>(nc), row_hit[t] = 0;
        if (any == 0) {
            ++clean_rows;
            return;
        }
        for (Index c = 0; c < nc; ++c)
            for (int p = 0; p < P; ++p) over[c * P + p] = power(vis[c * P + p]) > args.limit(b, p) ? flag_rfi : 0;
        extend(flag, row_usable[t], row_hit[t]);
    }

    static float power(Vis v) { return v.re * v.re + v.im * v.im; }

    void extend(std::uint8_t* flag, std::int32_t& row_can, std::int32_t& row_found) const
    {
        Index const nc = args.vis.extent[2];
        for (Index c = 0; c < nc; ++c) {
            std::uint8_t found = 0, bits = 0, missing = flag_missing;
            for (int p = 0; p < P; ++p) {
                std::uint8_t const f = flag[c * P + p];
                found |= static_cast<std::uint8_t>((f & flag_rfi) | (f == 0 ? over[c * P + p] : 0));
                bits |= f & flag_missing ? 0 : f;
                missing &= f;
            }
            for (int p = 0; p < P; ++p) flag[c * P + p] |= found;
            bool const can = missing == 0 && (bits & (flag_rfi - 1)) == 0;
            row_over[c] = static_cast<std::uint8_t>(can ? 1U + (found >> 5) : 0);  // 1 usable, 2 interference
        }
        std::int32_t can = 0, found = 0;
        for (Index c = 0; c < nc; ++c) {
            usable[c] += row_over[c] & 1;
            hit[c] += row_over[c] >> 1;
            can += row_over[c] & 1;
            found += row_over[c] >> 1;
        }
        row_can = can, row_found = found;
    }
};

}  // namespace nocturne::kokkos
