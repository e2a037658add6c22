// Enters: a path. Leaves: the name of its file system and whether it is shared between machines.
#include "db/file_system.hpp"

#include "nocturne/error.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>

#include <sys/vfs.h>

namespace nocturne::db {
namespace {

struct Known {
    std::uint64_t magic;
    char const* name;
    bool network;
};

// linux/magic.h, and for Lustre, GPFS, BeeGFS, PanFS and OrangeFS the magic numbers of their own sources.
constexpr std::array<Known, 24> known{{
    {0xEF53, "ext4", false},        {0x58465342, "xfs", false},      {0x9123683E, "btrfs", false},
    {0x01021994, "tmpfs", false},   {0x794C7630, "overlay", false},  {0x2FC12FC1, "zfs", false},
    {0xF2F52010, "f2fs", false},    {0x52654973, "reiserfs", false}, {0x858458F6, "ramfs", false},
    {0x4D44, "vfat", false},        {0x6969, "nfs", true},           {0x0BD00BD0, "lustre", true},
    {0x47504653, "gpfs", true},     {0xFF534D42, "cifs", true},      {0xFE534D42, "smb2", true},
    {0x517B, "smb", true},          {0x65735546, "fuse", true},      {0x00C36400, "ceph", true},
    {0x5346414F, "afs", true},      {0x19830326, "beegfs", true},    {0xAAD7AAEA, "panfs", true},
    {0x20030528, "orangefs", true}, {0x01021997, "9p", true},        {0x7461636F, "ocfs2", true},
}};

}  // namespace

FileSystem file_system_of_magic(std::uint64_t magic)
{
    for (auto const& entry : known)
        if (entry.magic == magic) return {entry.name, entry.network};
    std::ostringstream text;
    text << "0x" << std::hex << magic;
    return {text.str(), false};
}

FileSystem file_system_of(std::string const& path)
{
    namespace fs = std::filesystem;
    fs::path at = fs::absolute(path);
    std::error_code ignored;
    while (!fs::exists(at, ignored) && at.has_parent_path() && at != at.parent_path()) at = at.parent_path();
    struct statfs info {};
    if (statfs(at.c_str(), &info) != 0)
        throw Error(Code::unavailable, "cannot ask for the file system of " + at.string(), std::strerror(errno),
                    "check the path and its permissions");
    return file_system_of_magic(static_cast<std::uint64_t>(info.f_type) & 0xFFFFFFFFU);
}

void refuse_network(FileSystem const& system, std::string const& database)
{
    if (!system.network) return;
    throw Error(Code::bad_config, "database " + database + " lies on a network file system",
                system.name + ": SQLite's write-ahead log is not safe between machines",
                "put the database on a local disk, or use a PostgreSQL server for databases shared between machines");
}

}  // namespace nocturne::db
