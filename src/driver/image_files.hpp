// The imager by hand: files or a directory that hold one group, to images under a stem, without a database.
#pragma once

#include "db/images.hpp"
#include "driver/job_file.hpp"
#include "driver/ranks.hpp"
#include "qa/timing.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct ImageRequest {
    std::vector<std::string> inputs;  ///< files of one group, or one directory
    std::string stem;                 ///< STEM-dirty.fits, STEM-psf.fits …
    Job job;
    std::string only_group;  ///< chooses one of several groups of a directory
    std::string backend = "auto";
    double memory_gb = 0;
    int expected_subbands = 16;
    std::string command_line;
    std::string keep_visibilities;  ///< "" or a file for uvw_m, freq_hz, vis, weight before compression
    bool progress = true;
};

/// All ranks of `world` share the group. Returns, on the leader, the rows of `images --json`. Throws the errors of the road.
std::vector<db::ImageRow> image_files(ImageRequest const& request, Ranks const& world);

/// The files of the one group that `inputs` hold; throws Error(usage) where a directory holds several.
std::vector<std::string> files_of_group(std::vector<std::string> const& inputs, std::string const& only_group);

}  // namespace nocturne
