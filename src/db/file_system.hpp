// Which file system a path lies on, as statfs(2) says; WAL databases need one that is local to the machine.
#pragma once

#include <cstdint>
#include <string>

namespace nocturne::db {

struct FileSystem {
    std::string name;      ///< "ext4", "nfs", "lustre", …; "0x…" where unknown
    bool network = false;  ///< shared between machines, or passed through FUSE
};

/// The file system with statfs magic number `magic` (linux/magic.h and the file systems' own headers).
FileSystem file_system_of_magic(std::uint64_t magic);

/// The file system of `path`, or of its nearest existing parent. Throws Error(unavailable) where statfs fails.
FileSystem file_system_of(std::string const& path);

/// Throws Error(bad_config), naming PostgreSQL as the answer, where `system` is a network file system.
void refuse_network(FileSystem const& system, std::string const& database);

}  // namespace nocturne::db
