// The pass "image.project": blocks of visibilities to nodes. Enters: vis, flags, weights of a block; the plan made from the
// header; factors of uniform or Briggs weighting. Leaves: GroupState::nodes, each rank its own baselines' values.
#pragma once

#include "stages/image/plan.hpp"

namespace nocturne {

/// uvw of all baselines [integration][baseline][3] in metres, from those of the antennas: antenna 2 minus antenna 1.
std::vector<double> baseline_uvw_m(GroupHeader const& header, std::vector<double> const& antenna_uvw_m);

/// The plan of a group for its image. Throws Error(bad_config) where `convert` has not been prepared.
NodePlan plan_group(GroupState const& state, ImageSettings const& settings);

}  // namespace nocturne
