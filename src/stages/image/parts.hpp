// Images of parts of the band. Enters: the passes of an image, made anew for each part. Leaves: passes that run them on those
// channels of each block, with a group's state of their own.
#pragma once

#include "stages/image/channels.hpp"

#include <functional>

namespace nocturne {

/// Passes of one image of one part, in order: those per block, and the line of those per group after them.
using PassMaker = std::function<Passes()>;

/// The image of a range of channels in the place of the whole band's.
Passes make_range_passes(ImageSettings const& settings, PassMaker const& maker);

/// Images of a cube's channels beside that of the whole band: GroupState::planes and, where they are evenly spaced, cubes.
Passes make_cube_passes(ImageSettings const& settings, PassMaker const& maker);

}  // namespace nocturne
