// Names, syncs and errors that every product shares; for product*.cpp alone.
#pragma once

#include <string>

namespace nocturne {

std::string host_name();
/// Where a product of this name goes: a symbolic link is followed, also one to nothing, so that the link stays and what it
/// names is made or replaced. Throws Error(cannot_create) for a circle.
std::string final_path(std::string path);
std::string directory_of(std::string const& path);
/// `.NAME.tmp-HOST-PID-N` beside `path`.
std::string temporary_name(std::string const& path);
/// Makes the missing directories above `path` and syncs what was made. Throws Error(cannot_create) or Error(io), also where
/// the directory does not take a new file.
void make_directory_of(std::string const& path);
/// Pushes a file or directory to the medium; 0 or errno. A file system that cannot sync a directory (EINVAL) is let pass.
int sync_path(std::string const& path);
/// Throws Error(cannot_create) or Error(io): "cannot CALL PATH".
[[noreturn]] void fail_product(std::string const& call, std::string const& path, int error);

}  // namespace nocturne
