// The phase centre of a group. Enters: the parameters of `convert`, the moments of a group. Leaves: where each moment goes, and
// what the field is called.
#pragma once

#include "nocturne/param.hpp"
#include "sky/phasing.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct ChosenCentre {
    Direction centre;                   ///< of one image of all moments
    std::vector<Direction> of_moments;  ///< [moment]
    bool each = false;                  ///< every moment keeps its own
    std::vector<std::string> names;     ///< one, or with `each` [moment]
    std::string note;                   ///< a choice that somebody should know of; may be empty
};

/// phase-center: "RA,DEC", meridian, calibrator, calibrator:NAME, each or empty. Throws Error(bad_config).
ChosenCentre choose_centre(GroupHeader const& header, GroupMoments const& moments, Params const& params);

}  // namespace nocturne
