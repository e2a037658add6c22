// A directory of files that go away with the processes that use them. Enters: where, and its name. Leaves: a directory that is held by a lock.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace nocturne {

/// `top`/`name`, made by whichever process of this name comes first and removed by the last. What processes that are gone have left in `top` is
/// removed first: their locks (flock(2)) have ended with them.
class HeldPlace {
public:
    HeldPlace() = default;
    /// Throws Error(cannot_create) where `top` cannot be made or locked; holds nothing where there is no room for the place itself.
    HeldPlace(std::filesystem::path const& top, std::string const& name);
    ~HeldPlace();
    HeldPlace(HeldPlace&& other) noexcept : HeldPlace() { *this = std::move(other); }
    HeldPlace& operator=(HeldPlace&& other) noexcept;

    bool held() const { return lock_ >= 0; }
    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
    int lock_ = -1;
};

/// The descriptor of a file to be locked, closed when another program is started; -1 where it cannot be opened.
int open_lock(std::filesystem::path const& path);

}  // namespace nocturne
