// What provenance says of where a run took place.
#pragma once

#include "nocturne/device.hpp"

#include <string>

namespace nocturne {

struct Surroundings {
    std::string host;
    std::string device, device_uuid;
    std::string slurm_job_id;  ///< "" = not under Slurm
    int restart_count = 0;     ///< SLURM_RESTART_COUNT
    int local_rank = 0;        ///< among the ranks of this node
};

Surroundings look_around(Device const& device);

/// The rank's number on its node, from the launcher's environment; 0 without one. Chooses the GPU.
int local_rank();

double peak_memory_gb();  ///< of this process, GB = 1e9 bytes
double cpu_hours();       ///< user and system time of this process

/// Memory that one rank may take on this node, in bytes: `asked_gb` where it is positive, else half of what is available
/// now, shared by the ranks of the node.
std::uint64_t memory_share(double asked_gb);

}  // namespace nocturne
