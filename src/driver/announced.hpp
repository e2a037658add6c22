// A job that was submitted runs the job file as it is when it starts. Enters: what was announced, what is run. Leaves: where they differ.
#pragma once

#include "driver/job_file.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// Keys, such as "image.robust", "args.out", "foreach.items", "needs" and "tasks", whose values are not those that Job::configuration_with_origin had when the job was submitted (its text).
/// Those that the command line of the run gives are left out: submission knows no stage options.
std::vector<std::string> changed_since_submission(std::string const& announced, Job const& job);

}  // namespace nocturne
