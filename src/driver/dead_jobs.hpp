// Which of Slurm's jobs are no more.
#pragma once

#include <string>
#include <vector>

namespace nocturne {

/// Those of `jobs` ("123", "123_4") that squeue does not list; none where there is no squeue, or where it fails.
std::vector<std::string> dead_jobs(std::vector<std::string> const& jobs);

}  // namespace nocturne
