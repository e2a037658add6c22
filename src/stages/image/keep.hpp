// Stokes-I visibilities and imaging weights as they enter the image. Enters: a block and its factors. Leaves: host arrays.
#pragma once

#include "nocturne/stage.hpp"
#include "stages/image/hands.hpp"

namespace nocturne {

/// Copies a block from the device. Autocorrelations have weight 0.
ImagedVisibilities imaged_visibilities(VisBlock const& block, Hands const& hands, View<float const, 3> const& factor,
                                       GroupState const& state);

}  // namespace nocturne
