// Enters: names of processes. Leaves: whether they live, as far as this host can tell.
#include "db/owners.hpp"

#include "db/groups.hpp"
#include "nocturne/process_place.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <signal.h>
#include <unistd.h>

namespace nocturne::db {
namespace {

/// Field 22 of /proc/PID/stat: start of the process in clock ticks since boot; tells a recycled pid from the old one.
std::string start_time_of(long pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    auto const after_name = line.rfind(')');
    if (after_name == std::string::npos) return "";
    std::istringstream fields(line.substr(after_name + 1));
    std::string field;
    for (int i = 3; i <= 22; ++i) fields >> field;
    return field;
}

}  // namespace

std::optional<Owner> parse_owner(std::string const& text)
{
    auto const second = text.rfind(':');
    auto const first = second == std::string::npos || second == 0 ? std::string::npos : text.rfind(':', second - 1);
    if (first == std::string::npos) return std::nullopt;
    return Owner{text.substr(0, first), text.substr(second + 1), std::strtol(text.c_str() + first + 1, nullptr, 10)};
}

std::string lease_owner() { return process_place() + ":" + std::to_string(getpid()) + ":" + start_time_of(getpid()); }

bool owner_alive(std::string const& owner)
{
    auto const parts = parse_owner(owner);
    if (!parts || parts->host != process_place()) return true;
    if (parts->pid <= 0 || (kill(static_cast<pid_t>(parts->pid), 0) != 0 && errno == ESRCH)) return false;
    return start_time_of(parts->pid) == parts->start;
}

bool is_here_and_alive(std::string const& owner)
{
    auto const parts = parse_owner(owner);
    return parts && parts->host == process_place() && owner_alive(owner);
}

bool abandoned(std::string const& owner, double expires)
{
    auto const parts = parse_owner(owner);
    if (parts && parts->host == process_place()) return !owner_alive(owner);
    return expires < now_unix_s();
}

}  // namespace nocturne::db
