// Enters: names of processes. Leaves: whether they live, as far as this host can tell.
#include "db/owners.hpp"

#include "db/groups.hpp"
#include "nocturne/process_life.hpp"
#include "nocturne/process_place.hpp"

#include <cstdlib>

#include <unistd.h>

namespace nocturne::db {
std::optional<Owner> parse_owner(std::string const& text)
{
    auto const second = text.rfind(':');
    auto const first = second == std::string::npos || second == 0 ? std::string::npos : text.rfind(':', second - 1);
    if (first == std::string::npos) return std::nullopt;
    return Owner{text.substr(0, first), text.substr(second + 1), std::strtol(text.c_str() + first + 1, nullptr, 10)};
}

std::string lease_owner()
{
    return process_place() + ":" + std::to_string(getpid()) + ":" + process_life(getpid()).start;
}

bool owner_alive(std::string const& owner)
{
    auto const parts = parse_owner(owner);
    if (!parts || parts->host != process_place()) return true;
    auto const life = process_life(parts->pid);
    return life.alive && (life.start.empty() || life.start == parts->start);
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
