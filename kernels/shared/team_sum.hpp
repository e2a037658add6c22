// Sums over the threads of a team. Enters: a number of each thread. Leaves: the sum, on all of them.
#pragma once

#include "nocturne/check.hpp"

#include <cstddef>

namespace nocturne {

/// Σ of `mine` over the team, in an order that the size of the team fixes. `parts` is scratch for team.size() numbers. All threads call it.
template<class Team, class T>
NOCT_INLINE T team_sum(Team& team, T* parts, T mine)
{
    if (team.size() == 1) return mine;
    team.barrier();  // who reads the last sum is done
    parts[team.rank()] = mine;
    team.barrier();
    for (int n = team.size(); n > 1;) {
        int const half = (n + 1) / 2;
        if (team.rank() < n / 2) parts[team.rank()] += parts[team.rank() + half];
        team.barrier();
        n = half;
    }
    return parts[0];
}

}  // namespace nocturne
