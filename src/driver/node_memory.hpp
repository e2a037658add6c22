// Memory of this node, and what of it the control group of the job leaves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace nocturne {

/// What one control group allows, and what of it is in use and cannot be given back, in bytes.
struct GroupMemory {
    std::uint64_t limit_bytes = 0, used_bytes = 0;
    std::uint64_t free_bytes() const { return limit_bytes > used_bytes ? limit_bytes - used_bytes : 0; }
};

/// The tightest control group around a process: of its own and all that enclose it, the one with the least left. Versions 1 (memory controller) and 2.
/// `membership` is the text of /proc/PID/cgroup, `mounts` where the groups lie; none: no limit, or nothing that can be read.
std::optional<GroupMemory> tightest_group(std::string const& membership,
                                          std::filesystem::path const& mounts = "/sys/fs/cgroup");

struct NodeMemory {
    std::uint64_t total_bytes = 0;
    std::uint64_t available_bytes = 0;  ///< of the node: free, or can be made so
    std::optional<GroupMemory> group;   ///< of this process
    std::string huge_pages;             ///< transparent: "always", "madvise", "never", "" where unknown

    std::uint64_t free_bytes() const;  ///< that this process can still have: of the node, and of its control group
};
NodeMemory find_memory();

/// Its free_bytes().
std::uint64_t available_memory();

}  // namespace nocturne
