// What this machine is, from /proc, /sys, statvfs and the environment. For `doctor`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne::cli {

struct Processor {
    std::string model;
    int cores_online = 0, cores_allowed = 0;  ///< allowed: by sched_getaffinity
    bool avx2 = false, avx512 = false;        ///< avx512: the F, BW, DQ and VL parts
};
Processor find_processor();

/// Bytes free for an ordinary user where `path`, or its nearest existing parent, lies; 0 where that cannot be told.
std::uint64_t free_disk_bytes(std::string const& path);

struct Scheduler {
    std::string name;  ///< "slurm", "pbs", "lsf", "flux", or "" outside
    std::string job_id, nodes, tasks, cpus_per_task, gpus, restart_count;  ///< as the environment has them
};
Scheduler find_scheduler();

}  // namespace nocturne::cli
