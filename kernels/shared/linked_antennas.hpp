// Which antennas have baselines enough to be solved for. Enters: which pairs have data. Leaves: a mark for each antenna.
#pragma once

#include "nocturne/check.hpp"
#include "nocturne/view.hpp"

#include <cstdint>

namespace nocturne {

/// Drops antennas of `alive` [n] (1, or 0) with fewer than `least` baselines to others that are alive, or none, until all that are left have them;
/// returns how many are left. `linked(a, q)`: the pair a ≠ q has data. `keep` is scratch [n]. All threads of the team call it, with `alive` complete.
template<class Team, class Linked>
NOCT_INLINE int keep_linked(Team& team, Index n, std::int32_t* alive, float* keep, std::int32_t least,
                            Linked const& linked)
{
    for (;;) {
        for (Index a = team.rank(); a < n; a += team.size()) {
            int links = 0;
            for (Index q = 0; q < n; ++q)
                if (q != a && alive[q] && linked(a, q)) ++links;
            keep[a] = alive[a] && links >= least && links > 0 ? 1.F : 0.F;
        }
        team.barrier();
        int before = 0, after = 0;
        for (Index a = 0; a < n; ++a) {
            before += alive[a];
            after += keep[a] > 0;
        }
        team.barrier();
        for (Index a = team.rank(); a < n; a += team.size()) alive[a] = keep[a] > 0;
        team.barrier();
        if (after == before) return after;
    }
}

}  // namespace nocturne
