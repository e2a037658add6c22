// Arguments of job files as the command line gives them. Enters: NAME=VALUE. Leaves: values by name.
#pragma once

#include "driver/job_file.hpp"

#include <map>
#include <string>
#include <vector>

namespace nocturne {

/// Of `--arg NAME=VALUE`; the last of several counts. Throws Error(usage) for anything else.
std::map<std::string, std::string> parse_job_args(std::vector<std::string> const& given);

/// The value that an argument took. Throws Error(bad_config) where the job has none of that name.
std::string argument_of(Job const& job, std::string const& name);

}  // namespace nocturne
