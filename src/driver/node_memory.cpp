// Enters: /proc/meminfo, /proc/self/cgroup and the files of control groups. Leaves: bytes.
#include "driver/node_memory.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

std::string first_line(fs::path const& path)
{
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

/// 0 where there is none, as "max" says in version 2.
std::uint64_t number_in(fs::path const& path)
{
    std::ifstream file(path);
    std::uint64_t value = 0;
    return file >> value ? value : 0;
}

/// The value beside `name` in a file of lines "name value [unit]"; 0 without.
std::uint64_t number_beside(std::string const& name, fs::path const& path)
{
    std::ifstream file(path);
    std::string key, unit;
    for (std::uint64_t value = 0; file >> key >> value; std::getline(file, unit))
        if (key == name) return value;
    return 0;
}

struct Names {
    char const *limit, *used, *reclaimable;
};
constexpr Names version_1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
constexpr Names version_2{"memory.max", "memory.current", "inactive_file"};

/// What a group that no limit was given says in version 1: all that 63 bits hold, whole pages.
constexpr std::uint64_t without_limit = std::uint64_t{1} << 62;

void look_at_group(fs::path const& group, Names const& names, std::optional<GroupMemory>& tightest)
{
    auto const limit = number_in(group / names.limit);
    if (limit == 0 || limit >= without_limit) return;
    auto const used = number_in(group / names.used);
    auto const pages_of_files = number_beside(names.reclaimable, group / "memory.stat");
    GroupMemory const here{limit, used - std::min(used, pages_of_files)};
    if (!tightest || here.free_bytes() < tightest->free_bytes()) tightest = here;
}

bool names_memory(std::string const& controllers)
{
    return ("," + controllers + ",").find(",memory,") != std::string::npos;
}

}  // namespace

std::optional<GroupMemory> tightest_group(std::string const& membership, fs::path const& mounts)
{
    std::optional<GroupMemory> tightest;
    std::istringstream lines(membership);
    for (std::string line; std::getline(lines, line);) {  // hierarchy:controllers:/path
        auto const first = line.find(':'), second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        auto const controllers = line.substr(first + 1, second - first - 1);
        bool const unified = controllers.empty();
        if (!unified && !names_memory(controllers)) continue;
        auto const top = unified ? mounts : mounts / "memory";
        auto const& names = unified ? version_2 : version_1;
        // In a container the path may be the host's and unknown here: the mount itself is then the group.
        look_at_group(top, names, tightest);
        auto group = top;
        for (auto const& part : fs::path(line.substr(second + 1)).relative_path()) {
            if (part == "..") continue;  // a container's own name for what lies outside it
            group /= part;
            look_at_group(group, names, tightest);
        }
    }
    return tightest;
}

NodeMemory find_memory()
{
    NodeMemory memory;
    constexpr char const* info = "/proc/meminfo";
    memory.total_bytes = 1024 * number_beside("MemTotal:", info);
    memory.available_bytes = 1024 * number_beside("MemAvailable:", info);
    if (memory.available_bytes == 0)  // a kernel that does not say
        memory.available_bytes =
            static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 2;
    std::ostringstream membership;
    membership << std::ifstream("/proc/self/cgroup").rdbuf();
    memory.group = tightest_group(membership.str());
    auto const choices = first_line("/sys/kernel/mm/transparent_hugepage/enabled");  // always [madvise] never
    auto const from = choices.find('['), to = choices.find(']');
    if (from != std::string::npos && to != std::string::npos)
        memory.huge_pages = choices.substr(from + 1, to - from - 1);
    return memory;
}

std::uint64_t NodeMemory::free_bytes() const
{
    return group ? std::min(available_bytes, group->free_bytes()) : available_bytes;
}

std::uint64_t available_memory() { return find_memory().free_bytes(); }

}  // namespace nocturne
