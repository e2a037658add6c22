#include "driver/room.hpp"

#include "driver/tiers.hpp"
#include "stages/image/channels.hpp"
#include "stages/image/settings.hpp"

#include <algorithm>
#include <filesystem>

namespace nocturne {
namespace {

/// Of a cube: its planes, and channels that have samples, of which there are images, too. 0: there is none, or nobody knows yet.
struct CubeSize {
    std::uintmax_t planes = 0, filled = 0;
};

CubeSize cube_size(Params const& params, GroupHeader const* header)
{
    if (!header) return {};
    auto const whole = find_channels(params.text("channels"), *header);
    auto const cube = cube_settings(params);
    if (!cube.on()) return {};
    CubeSize size;
    auto const there = subbands_of(*header);
    for (auto const& channel : cube_channels(cube, whole, *header)) {
        ++size.planes;
        size.filled += std::any_of(there.begin(), there.end(), [&](ChannelRange const& subband) {
            return subband.first < channel.first + channel.n && channel.first < subband.first + subband.n;
        });
    }
    return size;
}

std::uintmax_t bytes_of_images(Job const& job, GroupHeader const* header)
{
    if (is_quicklook(tier_of(job))) return 0;  // pictures alone
    std::uintmax_t bytes = 0;
    for (auto const& task : job.tasks) {
        if (task.stage->name != "image") continue;
        auto const n = static_cast<std::uintmax_t>(task.params.integer("imsize"));
        bool const cleaned = task.params.integer("niter") > 0;
        std::uintmax_t const images = cleaned ? 9 : 2, spectra = cleaned && task.params.integer("nterms") > 1 ? 2 : 0;
        auto const cube = cube_size(task.params, header);
        bytes += (images + spectra + cube.filled * images + cube.planes) * 4 * n * n;
    }
    return bytes;
}

/// Of the rank that makes the images, on a host: measured at 4096² and 6144² pixels.
std::uintmax_t memory_of_images(Job const& job, GroupHeader const* header)
{
    constexpr std::uintmax_t dirty = 19, cleaned = 85, second_term = 53;           // bytes a pixel
    constexpr std::uintmax_t dirty_channel = 11, cleaned_channel = 38, plane = 4;  // kept of each of a cube
    std::uintmax_t bytes = 0;
    for (auto const& task : job.tasks) {
        if (task.stage->name != "image") continue;
        auto const n = static_cast<std::uintmax_t>(task.params.integer("imsize"));
        bool const asked = task.params.integer("niter") > 0,
                   searched =
                       task.params.flag("per-integration") && task.params.text("snapshot-subtract") == "neighbours";
        auto const first_term = asked || searched ? cleaned : dirty;  // a search cleans for itself
        auto const terms = first_term + (asked && task.params.integer("nterms") > 1 ? second_term : 0);
        auto const cube = cube_size(task.params, header);
        auto const kept = cube.filled * (asked ? cleaned_channel : dirty_channel) + cube.planes * plane;
        bytes = std::max(bytes, n * n * (terms + kept));
    }
    return bytes;
}

}  // namespace

void check_memory(Job const& job, Device const& device, std::uint64_t free_bytes, GroupHeader const* header)
{
    auto const wanted = is_host(device) ? memory_of_images(job, header) : 0;
    if (wanted <= free_bytes) return;
    throw Error(Code::system, std::string(no_memory) + " of a group",
                std::to_string(free_bytes / 1000000) + " MB are free on this node, they take about " +
                    std::to_string(wanted / 1000000) + " MB",
                "make imsize or the cube smaller, leave CLEAN to a larger node, or end what else runs here");
}

void check_room(Job const& job, std::string const& out, GroupHeader const* header)
{
    auto const wanted = bytes_of_images(job, header);
    std::error_code unknown;
    auto const space = std::filesystem::space(out, unknown);
    if (unknown || space.available >= wanted) return;
    throw Error(Code::io, "no room for the images of a group in " + out,
                std::to_string(space.available / 1000000) + " MB are free, they take " +
                    std::to_string(wanted / 1000000) + " MB (No space left on device)",
                "free space, then run the same command again");
}

}  // namespace nocturne
