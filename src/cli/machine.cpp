// Leaves: processor, memory, free disk and scheduler of this machine.
#include "cli/machine.hpp"

#include "nocturne/environment.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sched.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace nocturne::cli {
namespace {

/// The first of `names` that is set.
std::string first_set(std::initializer_list<char const*> names)
{
    for (auto const* name : names) {
        auto value = environment(name);
        if (!value.empty()) return value;
    }
    return "";
}

}  // namespace

Processor find_processor()
{
    Processor processor;
    processor.cores_online = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) processor.cores_allowed = CPU_COUNT(&allowed);
    processor.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    processor.avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; processor.model.empty() && std::getline(info, line);)
        if (line.rfind("model name", 0) == 0) processor.model = line.substr(line.find(':') + 2);
    return processor;
}

std::uint64_t free_disk_bytes(std::string const& path)
{
    std::error_code ignored;
    auto place = std::filesystem::absolute(path, ignored);
    while (!std::filesystem::exists(place, ignored) && place.has_relative_path()) place = place.parent_path();
    struct statvfs system {};
    if (statvfs(place.c_str(), &system) != 0) return 0;
    return static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize;
}

Scheduler find_scheduler()
{
    if (!environment("SLURM_JOB_ID").empty())
        return {"slurm",
                environment("SLURM_JOB_ID"),
                environment("SLURM_JOB_NUM_NODES"),
                first_set({"SLURM_NTASKS", "SLURM_NPROCS"}),
                environment("SLURM_CPUS_PER_TASK"),
                first_set({"SLURM_JOB_GPUS", "SLURM_STEP_GPUS", "CUDA_VISIBLE_DEVICES"}),
                environment("SLURM_RESTART_COUNT")};
    if (!environment("PBS_JOBID").empty()) return {"pbs", environment("PBS_JOBID"), "", "", "", "", ""};
    if (!environment("LSB_JOBID").empty()) return {"lsf", environment("LSB_JOBID"), "", "", "", "", ""};
    if (!environment("FLUX_JOB_ID").empty()) return {"flux", environment("FLUX_JOB_ID"), "", "", "", "", ""};
    return {};
}

}  // namespace nocturne::cli
