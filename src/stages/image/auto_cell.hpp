// Pixels by the array: `cell: auto`. Enters: what makes the passes of an image once its pixels are known. Leaves: passes that stand for
// them and are made when a group's baselines are there.
#pragma once

#include "stages/image/settings.hpp"

#include <functional>

namespace nocturne {

/// A tenth of λ / the longest |u| or |v| of a cross-correlation, λ at the middle of the band, 0.1″ … 60″: as DSA-110's pipeline has it, which
/// looks at u alone.
double auto_cell_rad(GroupState const& state);

/// The passes that `maker` makes of settings with pixels; `like` are settings with any.
Passes make_auto_cell_passes(ImageSettings const& like, std::function<Passes(ImageSettings const&)> const& maker);

}  // namespace nocturne
