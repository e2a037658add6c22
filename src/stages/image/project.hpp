// The pass "image.project": blocks of visibilities to nodes. Enters: vis, flags, weights of a block; the plan made from the
// header; factors of uniform or Briggs weighting. Leaves: GroupState::nodes, each rank its own baselines' values.
#pragma once

#include "stages/image/plan.hpp"
#include "stages/image/slant.hpp"

namespace nocturne {

/// The plan of a group for its image. Throws Error(bad_config) where `convert` has not been prepared.
NodePlan plan_group(GroupState const& state, ImageSettings const& settings);

/// The plan of a group for images of its integrations: nothing is compressed along time. Throws Error(bad_input) where baselines have
/// integrations of their own.
NodePlan plan_snapshots(GroupState const& state, ImageSettings const& settings);

/// The slant of the grid that CLEAN works on; none where it is not asked for.
Slant slant_of(GroupState const& state, ImageSettings const& settings);

}  // namespace nocturne
