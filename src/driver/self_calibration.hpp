// Self-calibration (contract A4.9): a group is imaged, its CLEAN components are the model that gains are solved for, and with these it is imaged again. Enters:
// files of one group. Leaves: images and solutions of every round, and which round is the best.
#pragma once

#include "driver/group_inputs.hpp"

#include <map>
#include <string>
#include <vector>

namespace nocturne {

struct SelfCalRequest : GroupRequest {
    std::string stem;  ///< STEM-r0-image.fits …, STEM-r1-image.fits and STEM-r1.h5 …
    std::string
        rounds;  ///< "p,p,ap": phases per solint, or amplitudes and phases of the whole group on top of the best phases
    std::map<std::string, std::string>
        overrides;  ///< of stages, by parameter; solutions: what corrects the first image, too
};

struct SelfCalRound {
    int number = 0;    ///< 0: before any
    std::string mode;  ///< "", "p", "ap"
    std::string stem, solutions, model;
    int n_sources = 0;
    double peak_jy = 0, noise_jy = 0, dynamic_range = 0;
    bool kept = false;      ///< better than all before
    std::string why_ended;  ///< of a round that made nothing better, or could not be done
};

/// Rounds go on while the dynamic range (peak over noise of the CLEANed image) rises; the first that does not, or whose solve fails its quality, ends them.
/// Every rank of `world` calls it and has the same rounds. Throws the errors of the first image; of later ones what is not a matter of quality.
std::vector<SelfCalRound> self_calibrate(SelfCalRequest const& request, Ranks const& world);

/// The last round that was kept.
SelfCalRound const& best_of(std::vector<SelfCalRound> const& rounds);

}  // namespace nocturne
