// What the passes of one image leave for each other on a rank. Enters: a plan, blocks. Leaves: the operator of major cycles, and
// the gridder that is made once.
#pragma once

#include "stages/image/node_operator.hpp"
#include "stages/image/wgridder.hpp"

namespace nocturne {

struct ImageWork {
    NodeOperator nodes;               ///< filled by image.project
    std::optional<WGridder> gridder;  ///< made by image.make where it is needed
};

}  // namespace nocturne
