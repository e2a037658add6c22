// Room for products. Enters: a job, the directory of products. Leaves: nothing, or an error before the work instead of after it.
#pragma once

#include "driver/job_file.hpp"

#include <string>

namespace nocturne {

/// Throws Error(io) where the disk has less room than the images of one group take (4 bytes a pixel; two images, eight with CLEAN). A disk that fills up
/// meanwhile is found when it does: nothing of the group gets a final name then.
void check_room(Job const& job, std::string const& out);

}  // namespace nocturne
