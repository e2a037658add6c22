// What is missing. Enters: a request. Leaves: groups that have no result of these inputs, this configuration and this code, on any device.
#pragma once

#include "driver/run_job.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct MissingResult {
    std::string job, group_id;
};

/// Scans the directory; a group that another run holds is missing until that run has recorded it. In the order of the jobs, oldest first.
std::vector<MissingResult> find_missing(RunRequest request);

}  // namespace nocturne
