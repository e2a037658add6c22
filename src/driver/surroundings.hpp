// What provenance says of where a run took place.
#pragma once

#include "nocturne/device.hpp"

#include <string>

namespace nocturne {

struct Surroundings {
    std::string host;
    std::string device, device_uuid;
    std::string slurm_job_id;   ///< as squeue writes it: "123", of an array "123_7"; "" = not under Slurm
    std::string announced_run;  ///< id of the row that submit made for this job; "" = none
    int restart_count = 0;      ///< SLURM_RESTART_COUNT
    int local_rank = 0;         ///< among the ranks of this node
};

Surroundings look_around(Device const& device);

/// The rank's number on its node, from the launcher's environment; 0 without one. Chooses the GPU.
int local_rank();

/// Ranks of this node for each GPU that it may use; 1 on a host.
int ranks_of_device(Device const& device);

double peak_memory_gb();  ///< of this process, GB = 1e9 bytes

struct CpuTime {
    double user_s = 0, system_s = 0;
    double hours() const { return (user_s + system_s) / 3600; }
};
CpuTime cpu_time();  ///< of this process

/// Memory for the visibilities that one rank holds at once, in bytes: `asked_gb` where it is positive. Else, on a GPU, a third
/// of its memory, shared by the ranks that use it: a group stays there from reading to the last product. On a host, 160 MB: fresh pages cost more than
/// reading again (a whole group in memory: 1.37 GB touched for the first time, 3 s of system time; in spans of 320
/// baselines 0.5 s), but never more than half of what is free, shared by the ranks of the node.
std::uint64_t span_memory(Device const& device, double asked_gb);

}  // namespace nocturne
