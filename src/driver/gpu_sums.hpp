// Sums of ranks that lie in the memory of a GPU: handed to MPI as they are where MPI says that it takes such memory, else by way of pinned
// memory of the host. Enters: a buffer on a device. Leaves: the same buffer, reduced.
#pragma once

#include "nocturne/error.hpp"
#include "nocturne/staging_memory.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace nocturne {

enum class SumRoad {
    in_place,  ///< MPI reads and writes the buffer itself
    staged,    ///< part after part through memory of the host
};

inline SumRoad sum_road(bool on_host, bool mpi_takes_gpu_memory)
{
    return on_host || mpi_takes_gpu_memory ? SumRoad::in_place : SumRoad::staged;
}

/// What MPI says, asked when a run needs to know it. False where it cannot be asked.
bool mpi_takes_gpu_memory();
/// What can be said of it before MPI is started, for `doctor`.
std::string describe_gpu_memory_in_mpi();

/// Why a rank without a GPU takes no part where another has one: their sums go different roads, and the same group would be another result on each.
inline std::optional<Error> unlike_others(bool on_host, bool another_has_gpu, std::string const& host)
{
    if (!on_host || !another_has_gpu) return std::nullopt;
    return Error(Code::system, "this node takes no work: no GPU is to be found on " + host,
                 "other ranks of the job have one, and what is made must not depend on the rank",
                 "exclude the node, or let all compute on the host: --backend kokkos");
}

constexpr std::size_t staged_at_once = std::size_t(8) << 20;  ///< elements: 64 MiB of pinned memory

/// `reduce(T*, n)` of all values, at most `at_once` of them at a time; they are in memory of the host meanwhile.
template<class T, class Reduce>
void reduce_staged(Buffer<T>& values, std::size_t at_once, Reduce const& reduce)
{
    auto const n = static_cast<std::size_t>(values.size());
    if (n == 0) return;
    StagingMemory const stage(values.device(), std::min(n, at_once) * sizeof(T));
    auto* const part = static_cast<T*>(stage.data());
    for (std::size_t done = 0; done < n; done += at_once) {
        auto const length = std::min(at_once, n - done);
        std::visit(
            [&](auto const& device) {
                copy_out(device, part, values.data() + done, length * sizeof(T));
                reduce(part, length);
                copy_in(device, values.data() + done, part, length * sizeof(T));
                finish(device);  // the stage is filled anew
            },
            values.device());
    }
}

}  // namespace nocturne
