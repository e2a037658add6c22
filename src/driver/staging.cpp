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
constexpr char const* whole_name = ".whole";

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
    place_ = HeldPlace(fs::path(request.directory) / ("nocturne-stage-" + std::to_string(getuid())), request.name);
    if (place_.held() && copy_all(paths, request))
        for (auto& path : paths_) path = (place_.path() / fs::path(path).filename()).string();
}

/// False where the files themselves are to be read.
bool StagedFiles::copy_all(std::vector<std::string> const& paths, StageRequest const& request)
{
    int const turn = open_lock(place_.path() / ".copying");
    if (turn < 0 || flock(turn, LOCK_EX) != 0) return false;
    auto const whole = place_.path() / whole_name;
    std::error_code failure;
    auto const bytes = bytes_of_files(paths);
    bool good = fs::exists(whole, failure);
    if (!good && fs::space(place_.path(), failure).available < bytes + room_left)
        spdlog::warn("{} has no room for {} MB: the files are read where they stand", request.directory,
                     bytes / 1000000);
    else if (!good) {
        good = true;
        NodeTurns const slots(request.max_readers, request.stop);
        for (auto const& path : paths) {
            if (request.stop && request.stop()) good = false;
            if (!good) break;
            auto const slot = slots.take();
            auto const copy = place_.path() / fs::path(path).filename();
            good = fs::copy_file(path, copy, fs::copy_options::overwrite_existing, failure) && !failure;
            if (!good)
                spdlog::warn("{} is not copied to {} ({}): the files are read where they stand", path,
                             place_.path().string(), failure.message());
        }
        if (good) close(open_lock(whole));
        if (!good)
            for (auto const& path : paths) fs::remove(place_.path() / fs::path(path).filename(), failure);
    }
    close(turn);
    return good;
}

}  // namespace nocturne
