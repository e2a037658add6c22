// The imager by hand: files or a directory that hold one group, to images under a stem, without a database.
#pragma once

#include "driver/group_inputs.hpp"
#include "driver/products.hpp"
#include "driver/self_calibration.hpp"
#include "qa/timing.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

struct ImageRequest : GroupRequest {
    std::string stem;               ///< STEM-dirty.fits, STEM-psf.fits …
    std::string keep_visibilities;  ///< "" or a file for uvw_m, freq_hz, vis, weight before compression
    bool progress = true;
    std::optional<SelfCalRound> first_round = {};  ///< where this is a later round of self-calibration
};

/// All ranks of `world` share the group. What it returns is complete on the leader. Throws the errors of the road.
WrittenProducts image_files(ImageRequest const& request, Ranks const& world);

}  // namespace nocturne
