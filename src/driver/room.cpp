#include "driver/room.hpp"

#include "driver/tiers.hpp"

#include <filesystem>

namespace nocturne {
namespace {

std::uintmax_t bytes_of_images(Job const& job)
{
    if (is_quicklook(tier_of(job))) return 0;  // pictures alone
    std::uintmax_t bytes = 0;
    for (auto const& task : job.tasks) {
        if (task.stage->name != "image") continue;
        auto const n = static_cast<std::uintmax_t>(task.params.integer("imsize"));
        bytes += (task.params.integer("niter") > 0 ? 8 : 2) * 4 * n * n;
    }
    return bytes;
}

}  // namespace

void check_room(Job const& job, std::string const& out)
{
    auto const wanted = bytes_of_images(job);
    std::error_code unknown;
    auto const space = std::filesystem::space(out, unknown);
    if (unknown || space.available >= wanted) return;
    throw Error(Code::io, "no room for the images of a group in " + out,
                std::to_string(space.available / 1000000) + " MB are free, they take " +
                    std::to_string(wanted / 1000000) + " MB (No space left on device)",
                "free space, then run the same command again");
}

}  // namespace nocturne
