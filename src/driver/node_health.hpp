// Does this node take work? Enters: the request, the rank's device. Leaves: nothing, or an Error that names the node and what it lacks: a
// sick node that fails group after group is worse than one that takes none.
#pragma once

#include "driver/run_job.hpp"
#include "nocturne/device.hpp"

namespace nocturne {

/// Called on every rank before it touches anything. Looks at the clock (not before this program was built, nor years after), the memory that is free
/// (256 MiB at least), scratch space and the directory of products (64 MiB free each, and a file can be written, synced and read back), and
/// the device: memory of it is filled, copied back and compared. Throws Error(system), for a full disk Error(io).
void check_node(RunRequest const& request, Device const& device);

}  // namespace nocturne
