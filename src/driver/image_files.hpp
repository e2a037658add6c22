// The imager by hand: files or a directory that hold one group, to images under a stem, without a database.
#pragma once

#include "db/images.hpp"
#include "driver/group_inputs.hpp"
#include "qa/timing.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct ImageRequest : GroupRequest {
    std::string stem;               ///< STEM-dirty.fits, STEM-psf.fits …
    std::string keep_visibilities;  ///< "" or a file for uvw_m, freq_hz, vis, weight before compression
    bool progress = true;
};

/// All ranks of `world` share the group. Returns, on the leader, the rows of `images --json`. Throws the errors of the road.
std::vector<db::ImageRow> image_files(ImageRequest const& request, Ranks const& world);

}  // namespace nocturne
