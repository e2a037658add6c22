// Self-calibration of one group by hand: verb selfcal. Enters: files of one group. Leaves: images and solutions of every round, and which round is the best.
#pragma once

#include "driver/group_inputs.hpp"
#include "driver/self_calibration.hpp"

#include <map>

namespace nocturne {

struct SelfCalRequest : GroupRequest {
    std::string stem;    ///< STEM-r0-image.fits …, STEM-r1-image.fits and STEM-r1.h5 …
    std::string rounds;  ///< "p,p,ap"
    std::map<std::string, std::string>
        overrides;  ///< of stages, by parameter; solutions: what corrects the first image, too
};

/// Every rank of `world` calls it and has the same rounds. Throws the errors of the first image; of later ones what is not a matter of quality.
std::vector<SelfCalRound> self_calibrate_files(SelfCalRequest const& request, Ranks const& world);

}  // namespace nocturne
