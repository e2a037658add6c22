// What a file was when it was looked at. Enters: a path. Leaves: whether it is that file still, and whether two paths are one file.
#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

namespace nocturne {

struct InodeStamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t bytes = -1;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;  ///< of its inode: a new name counts, too
    bool operator==(InodeStamp const&) const = default;
};

enum class Links { followed, refused };

/// Of a regular file; InodeStamp{} where there is none.
inline InodeStamp stamp_of_file(std::string const& path, Links links)
{
    struct stat about {};
    int const found = links == Links::followed ? stat(path.c_str(), &about) : lstat(path.c_str(), &about);
    if (found != 0 || !S_ISREG(about.st_mode)) return {};
    auto const ns = [](timespec const& time) { return std::int64_t{time.tv_sec} * 1000000000 + time.tv_nsec; };
    return {about.st_dev, about.st_ino, about.st_size, ns(about.st_mtim), ns(about.st_ctim)};
}

/// The same file under a new name, or under none.
inline bool unchanged_but_for_its_name(InodeStamp const& a, InodeStamp b)
{
    b.changed_ns = a.changed_ns;
    return a == b;
}

/// Also by different mounts, where the same device has different numbers. No copy has the other's inode and both times.
inline bool one_file(InodeStamp const& a, InodeStamp b)
{
    b.device = a.device;
    return a.bytes >= 0 && a == b;
}

}  // namespace nocturne
