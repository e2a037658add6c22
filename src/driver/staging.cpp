#include "driver/staging.hpp"

#include "driver/node_turns.hpp"
#include "nocturne/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t room_left = 64ULL << 20;
constexpr char const* lock_name = ".lock";
constexpr char const* whole_name = ".whole";

int open_lock(fs::path const& path) { return open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); }

/// Nobody makes or removes a place while it lives.
class StageDoor {
public:
    explicit StageDoor(fs::path const& top) : descriptor_(open_lock(top / lock_name))
    {
        if (descriptor_ < 0 || flock(descriptor_, LOCK_EX) != 0)
            throw Error(Code::cannot_create, "cannot stage files in " + top.string(), std::strerror(errno),
                        "name another directory with --stage");
    }
    StageDoor(StageDoor const&) = delete;
    StageDoor& operator=(StageDoor const&) = delete;
    ~StageDoor()
    {
        if (descriptor_ >= 0) close(descriptor_);
    }

private:
    int descriptor_;
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

std::uintmax_t bytes_of_files(std::vector<std::string> const& paths)
{
    std::uintmax_t bytes = 0;
    for (auto const& path : paths) {
        std::error_code missing;
        auto const size = fs::file_size(path, missing);
        if (!missing) bytes += size;
    }
    return bytes;
}

}  // namespace

StagedFiles::StagedFiles(std::vector<std::string> const& paths, StageRequest const& request) : paths_(paths)
{
    std::error_code failure;
    bool const sets = std::any_of(paths.begin(), paths.end(),
                                  [&](std::string const& path) { return fs::is_directory(path, failure); });
    if (request.directory.empty() || sets) return;
    auto const top = fs::path(request.directory) / ("nocturne-stage-" + std::to_string(getuid()));
    fs::create_directories(top, failure);
    {
        StageDoor const door(top);
        place_ = (top / request.name).string();
        fs::create_directory(place_, failure);
        lock_ = open_lock(fs::path(place_) / lock_name);
        if (lock_ >= 0) flock(lock_, LOCK_SH);
        remove_abandoned(top);
    }
    if (lock_ >= 0 && copy_all(paths, request))
        for (auto& path : paths_) path = (fs::path(place_) / fs::path(path).filename()).string();
}

/// False where the files themselves are to be read.
bool StagedFiles::copy_all(std::vector<std::string> const& paths, StageRequest const& request)
{
    int const turn = open_lock(fs::path(place_) / ".copying");
    if (turn < 0 || flock(turn, LOCK_EX) != 0) return false;
    auto const whole = fs::path(place_) / whole_name;
    std::error_code failure;
    auto const bytes = bytes_of_files(paths);
    bool good = fs::exists(whole, failure);
    if (!good && fs::space(place_, failure).available < bytes + room_left)
        spdlog::warn("{} has no room for {} MB: the files are read where they stand", request.directory,
                     bytes / 1000000);
    else if (!good) {
        good = true;
        NodeTurns const slots(request.max_readers, request.stop);
        for (auto const& path : paths) {
            if (request.stop && request.stop()) good = false;
            if (!good) break;
            auto const slot = slots.take();
            auto const copy = fs::path(place_) / fs::path(path).filename();
            good = fs::copy_file(path, copy, fs::copy_options::overwrite_existing, failure) && !failure;
            if (!good)
                spdlog::warn("{} is not copied to {} ({}): the files are read where they stand", path, place_,
                             failure.message());
        }
        if (good) close(open_lock(whole));
        if (!good)
            for (auto const& path : paths) fs::remove(fs::path(place_) / fs::path(path).filename(), failure);
    }
    close(turn);
    return good;
}

StagedFiles::~StagedFiles()
{
    if (lock_ < 0) return;
    std::error_code kept;
    if (flock(lock_, LOCK_EX | LOCK_NB) == 0) fs::remove_all(place_, kept);  // the last one of the node
    close(lock_);
}

}  // namespace nocturne
