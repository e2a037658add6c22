// Enters: the number of a process. Leaves: whether it still runs here, and when it began.
#pragma once

#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <string>

namespace nocturne {

/// A process of this place (process_place.hpp). One that ended and that nobody has waited for (a parent that does not, a container
/// without an init) keeps its number, and is dead.
struct ProcessLife {
    bool alive = false;
    std::string start;  ///< clock ticks since boot: tells a recycled number from the old one; "" where it is not shown
};

/// Fields 3 and 22 of /proc/PID/stat; of a process that is hidden, whether it takes signals.
inline ProcessLife process_life(long pid)
{
    if (pid <= 0) return {};
    std::string line;
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::getline(file, line);
    auto const after_name = line.rfind(')');
    if (after_name == std::string::npos) return {kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH, ""};
    std::istringstream fields(line.substr(after_name + 1));
    std::string state, start;
    fields >> state;
    for (int i = 4; i <= 22; ++i) fields >> start;
    return {state != "Z" && state != "X" && state != "x", start};
}

}  // namespace nocturne
