// Enters: the environment, /proc, the device. Leaves: plain values.
#include "driver/surroundings.hpp"

#include "driver/node_memory.hpp"
#include "io/product_paths.hpp"
#include "nocturne/environment.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/resource.h>

namespace nocturne {
namespace {

int integer_of(std::string const& text) { return text.empty() ? 0 : std::atoi(text.c_str()); }

int ranks_of_node()
{
    return std::max(
        {1, integer_of(environment("OMPI_COMM_WORLD_LOCAL_SIZE")), integer_of(environment("SLURM_NTASKS_PER_NODE"))});
}

}  // namespace

int ranks_of_device(Device const& device)
{
    if (is_host(device)) return 1;
    auto const all = find_devices();
    auto const gpus = static_cast<int>(
        std::count_if(all.begin(), all.end(), [](auto const& info) { return info.backend == "cuda" && info.usable; }));
    return gpus < 1 ? 1 : std::max(1, (ranks_of_node() + gpus - 1) / gpus);
}

int local_rank()
{
    for (char const* name : {"OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID", "PMI_LOCAL_RANK"})
        if (auto const text = environment(name); !text.empty()) return integer_of(text);
    return 0;
}

Surroundings look_around(Device const& device)
{
    Surroundings here;
    here.host = host_name();
    here.device = std::visit([](auto const& d) { return describe(d); }, device);
    if (auto const at = here.device.find("GPU-"); at != std::string::npos) here.device_uuid = here.device.substr(at);
    here.slurm_job_id = environment("SLURM_JOB_ID");
    if (auto const array = environment("SLURM_ARRAY_JOB_ID"); !array.empty())
        here.slurm_job_id = array + "_" + environment("SLURM_ARRAY_TASK_ID");
    here.announced_run = environment("NOCTURNE_RUN_ID");
    if (auto const element = environment("SLURM_ARRAY_TASK_ID"); !here.announced_run.empty() && !element.empty())
        here.announced_run += "-" + element;
    here.restart_count = integer_of(environment("SLURM_RESTART_COUNT"));
    here.local_rank = local_rank();
    return here;
}

double peak_memory_gb()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024 / 1e9;
}

CpuTime cpu_time()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto const seconds = [](timeval const& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

std::uint64_t span_memory(Device const& device, double asked_gb)
{
    constexpr std::uint64_t host_span_bytes = 160'000'000;
    if (asked_gb > 0) return static_cast<std::uint64_t>(asked_gb * 1e9);
    if (!is_host(device)) {
        for (auto const& info : find_devices())
            if (info.backend == "cuda" && info.usable)
                return info.memory_bytes / 3 / static_cast<std::uint64_t>(ranks_of_device(device));
    }
    return std::min(host_span_bytes, available_memory() / 2 / static_cast<std::uint64_t>(ranks_of_node()));
}

}  // namespace nocturne
