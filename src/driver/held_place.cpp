#include "driver/held_place.hpp"

#include "nocturne/error.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

constexpr char const* lock_name = ".lock";
constexpr int most_turns = 1000;

/// Nobody makes or removes a place of `top` while it lives. The last to leave takes the directory away, and its lock with it: whoever waited for
/// that one tries again.
class Door {
public:
    explicit Door(fs::path const& top) : top_(top)
    {
        int turn = 0;
        do leave();
        while (try_lock() && !stands() && ++turn < most_turns);
    }
    Door(Door const&) = delete;
    Door& operator=(Door const&) = delete;
    ~Door() { leave(); }
    bool open() const { return lock_ >= 0; }

    void remove_empty_top() const
    {
        std::error_code kept;
        for (fs::directory_iterator at(top_, kept), end; !kept && at != end; at.increment(kept))
            if (at->path().filename() != lock_name) return;
        fs::remove(top_ / lock_name, kept);
        fs::remove(top_, kept);
    }

private:
    bool try_lock()
    {
        std::error_code failure;
        if (fs::create_directories(top_, failure); failure)
            errno = failure.value();
        else
            lock_ = open_lock(top_ / lock_name);
        if (lock_ < 0) return errno == ENOENT;
        if (flock(lock_, LOCK_EX) == 0) return true;
        leave();
        return false;
    }
    bool stands() const
    {
        struct stat ours = {}, there = {};
        return lock_ >= 0 && fstat(lock_, &ours) == 0 && stat((top_ / lock_name).c_str(), &there) == 0 &&
               ours.st_ino == there.st_ino;
    }
    void leave()
    {
        int const reason = errno;
        if (lock_ >= 0) close(lock_);
        lock_ = -1;
        errno = reason;
    }

    fs::path top_;
    int lock_ = -1;
};

/// Places whose lock nobody holds, of processes that are gone.
void remove_abandoned(fs::path const& top)
{
    std::error_code odd;
    for (fs::directory_iterator at(top, odd), end; !odd && at != end; at.increment(odd)) {
        std::error_code kept;
        if (!at->is_directory(kept)) continue;
        int const lock = open_lock(at->path() / lock_name);
        if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) fs::remove_all(at->path(), kept);
        if (lock >= 0) close(lock);
    }
}

}  // namespace

int open_lock(fs::path const& path) { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); }

HeldPlace::HeldPlace(fs::path const& top, std::string const& name)
{
    Door const door(top);
    if (!door.open())
        throw Error(Code::cannot_create, "cannot keep files in " + top.string(), std::strerror(errno),
                    "name another directory with --stage");
    std::error_code failure;
    path_ = top / name;
    fs::create_directory(path_, failure);
    lock_ = open_lock(path_ / lock_name);
    if (lock_ >= 0) flock(lock_, LOCK_SH);
    remove_abandoned(top);
}

HeldPlace::~HeldPlace()
{
    if (lock_ < 0) return;
    Door const door(path_.parent_path());
    std::error_code kept;
    if (flock(lock_, LOCK_EX | LOCK_NB) == 0) fs::remove_all(path_, kept);  // the last one of the node
    close(lock_);
    if (door.open()) door.remove_empty_top();
}

HeldPlace& HeldPlace::operator=(HeldPlace&& other) noexcept
{
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    return *this;
}

}  // namespace nocturne
