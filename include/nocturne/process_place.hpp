// Where the number of a process means something: a host, or a container on it that counts its processes for itself.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace nocturne {

/// The host's name; within a PID namespace of its own (apptainer --pid, docker) with '#' and the namespace's number behind it, so that
/// nobody outside takes the processes of one for those of another, or for gone.
inline std::string process_place()
{
    constexpr char const* of_the_host = "pid:[4026531836]";  // PROC_PID_INIT_INO of Linux
    std::string host = "unknown";
    std::ifstream("/proc/sys/kernel/hostname") >> host;
    std::error_code odd;
    auto const space = std::filesystem::read_symlink("/proc/self/ns/pid", odd).string();
    if (odd || space == of_the_host) return host;
    return host + "#" + space.substr(5, space.size() - 6);
}

}  // namespace nocturne
