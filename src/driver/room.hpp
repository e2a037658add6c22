// Room for products, on disk and in memory. Enters: a job, the directory of products. Leaves: nothing, or an error before the work instead of after it.
#pragma once

#include "driver/job_file.hpp"
#include "nocturne/device.hpp"
#include "nocturne/group.hpp"

#include <string>

namespace nocturne {

/// Throws Error(io) where the disk has less room than the images of one group take (4 bytes a pixel; two images, nine with CLEAN, two more with two terms; the
/// two or nine of each channel of a cube, and its plane). A disk that fills up meanwhile is found when it does: nothing of the group gets a final name then.
/// `header`: of the group; nullptr: not known yet, and cubes do not count. With it Error(bad_config) where the group lacks the channels asked for.
void check_room(Job const& job, std::string const& out, GroupHeader const* header);

/// How the refusal of check_memory begins.
constexpr char const* no_memory = "no memory for the images";

/// Throws Error(system) where less memory is free (available_memory()) than the images of one group take: better than to be killed for it after
/// minutes of work. On a GPU they lie in its own. `header` as above.
void check_memory(Job const& job, Device const& device, std::uint64_t free_bytes, GroupHeader const* header);

}  // namespace nocturne
