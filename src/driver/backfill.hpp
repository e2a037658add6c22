// What is missing. Enters: a request. Leaves: groups that have no result of these inputs, this configuration and this code, on any device.
#pragma once

#include "driver/run_job.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct MissingResult {
    std::string job, group_id;
};

struct Missing {
    std::vector<MissingResult> results;
    std::int64_t groups = 0, waiting = 0,
                 unfit = 0;  ///< of the directory and window: all, still collecting, not to be worked on
};

/// Scans the directory; a group that another run holds is missing until that run has recorded it. In the order of the jobs, oldest first.
Missing find_missing(RunRequest request);

}  // namespace nocturne
