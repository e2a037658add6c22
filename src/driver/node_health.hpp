// Does this node take work? Enters: the request, the rank's device. Leaves: nothing, or an Error that names the node and what it lacks: a
// sick node that fails group after group is worse than one that takes none.
#pragma once

#include "db/session.hpp"
#include "driver/run_job.hpp"
#include "nocturne/device.hpp"

namespace nocturne {

/// Called on every rank before it touches anything. Looks at the clock (not before this program was built, nor years after), the memory that is free
/// (256 MiB at least), scratch space and the directory of products (64 MiB free each, and a file can be written, synced and read back), and
/// the device: memory of it is filled, copied back and compared. Throws Error(system), for a full disk Error(io).
void check_node(RunRequest const& request, Device const& device);

/// Seconds between the clocks of a node and of the database's server.
constexpr double most_clock_ahead_s = 60;
/// Leases of groups are times, so that a node whose clock is wrong takes groups from others that live, or loses its own. Throws Error(system)
/// where it is more than a minute off the database's server.
void check_clock_beside(db::Session& session);

}  // namespace nocturne
