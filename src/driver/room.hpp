// Room for products, on disk and in memory. Enters: a job, the directory of products. Leaves: nothing, or an error before the work instead of after it.
#pragma once

#include "driver/job_file.hpp"
#include "nocturne/device.hpp"
#include "nocturne/group.hpp"

#include <string>

namespace nocturne {

/// Throws Error(io) where the disk has less room than the images of one group take (4 bytes a pixel; two images, nine with CLEAN, two more with two terms; the
/// two or nine of each channel of a cube, and its plane). A disk that fills up meanwhile is found when it does: nothing of the group gets a final name then.
/// `n_subbands`: of the group, for cubes by subband.
void check_room(Job const& job, std::string const& out, std::int64_t n_subbands);

/// Throws Error(bad_config) where the job asks for channels, or for more of a cube, than the group has: room for them would be a second reason.
void check_channels(Job const& job, GroupHeader const& header);

/// How the refusal of check_memory begins.
constexpr char const* no_memory = "no memory for the images";

/// Throws Error(system) where less memory is free (available_memory()) than the images of one group take: better than to be killed for it after
/// minutes of work. On a GPU they lie in its own.
void check_memory(Job const& job, Device const& device, std::uint64_t free_bytes, std::int64_t n_subbands);

}  // namespace nocturne
