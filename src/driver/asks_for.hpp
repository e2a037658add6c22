// What a job asks for, whoever asked.
#pragma once

#include "driver/job_file.hpp"

namespace nocturne {

/// True where the configuration that was recorded of a result (JSON) is the job's: neither where a task came from nor how often it is tried changes a
/// result.
bool asks_for(Job const& job, std::string const& recorded);

}  // namespace nocturne
