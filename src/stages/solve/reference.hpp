// The reference antenna. Enters: how much data each antenna has and how strongly its baselines hold together. Leaves: one healthy antenna.
#pragma once

#include "stages/solve/gains.hpp"

namespace nocturne {

/// The first antenna of the chain that is healthy; where none is, the healthiest of all. Healthy: no more than `reference_flagged` of its samples
/// unused, and baselines that agree between intervals at least a quarter as well as the median antenna's (a dead one's do not).
/// Index into SolveSums::antennas. Throws Error(bad_input) where no antenna has data.
Index choose_reference(SolveRows const& links, SolveSums const& sums, SolveSettings const& settings);

/// What is to be said where antennas of the chain have data, and `reference` is none of them; else empty.
std::string note_of_reference(SolveSums const& sums, SolveSettings const& settings, Index reference);

/// `wanted`, or the antenna with the most solutions where `wanted` has fewer than half as many, in the hand that has the fewest.
Index settle_reference(Gains const& gains, Index wanted);

}  // namespace nocturne
