// Mounts and feeds of the antennas of a UVH5 file. Enters: Header/mount_type, feed_array, feed_angle or x_orientation. Leaves: what a
// Measurement Set says of them in ANTENNA::MOUNT and FEED.
#include "io/damaged.hpp"
#include "io/header_parts.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <cctype>

namespace nocturne {
namespace {

using hdf5::Fields;

std::string in_capitals(std::string text)
{
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

/// What pyuvdata (3.2, Telescope.from_known_telescopes) knows of telescopes whose files say nothing.
struct Known {
    char const *telescope, *mount;
    bool x_to_east;  ///< X at π/2, Y at 0; else nothing is known of feeds
};
constexpr Known known_telescopes[] = {{"PAPER", "FIXED", true},
                                      {"HERA", "FIXED", false},
                                      {"SMA", "ALT-AZ+NASMYTH-L", false},
                                      {"SZA", "ALT-AZ+NASMYTH-L", true},
                                      {"OVRO-LWA", "FIXED", true},
                                      {"MWA", "PHASED", true},
                                      {"ATA", "ALT-AZ", true}};

Known const* find_known(std::string const& telescope)
{
    auto const wanted = in_capitals(telescope);
    auto const found = std::find_if(std::begin(known_telescopes), std::end(known_telescopes),
                                    [&](Known const& k) { return wanted == k.telescope; });
    return found == std::end(known_telescopes) ? nullptr : found;
}

/// Receptors of one antenna in the order that a Measurement Set has them: X before Y, R before L.
void set_feeds(Antenna& antenna, std::string receptors, std::vector<double> angles)
{
    if (receptors == "YX" || receptors == "LR") {
        std::reverse(receptors.begin(), receptors.end());
        std::reverse(angles.begin(), angles.end());
    }
    antenna.receptors = std::move(receptors);
    antenna.receptor_angle_rad = std::move(angles);
}

/// feed_array and feed_angle, (Nants_telescope, Nfeeds).
void read_stated(Fields const& fields, std::vector<Antenna>& antennas)
{
    auto const shape = fields.shape("feed_array");
    if (shape.size() != 2 || shape[0] != antennas.size() || shape[1] < 1 || shape[1] > 2)
        throw bad_header("Header/feed_array has the wrong shape",
                         hdf5::text_of(shape) + " where (" + std::to_string(antennas.size()) + ", 1 or 2) is expected");
    auto const names = fields.texts("feed_array", shape);
    auto const angles = fields.numbers("feed_angle", shape);
    auto const n = static_cast<std::size_t>(shape[1]);
    for (std::size_t a = 0; a < antennas.size(); ++a) {
        std::string receptors;
        for (std::size_t f = 0; f < n; ++f) {
            auto const name = in_capitals(names[a * n + f]);
            if (name.size() != 1 || std::string("XYRL").find(name) == std::string::npos)
                throw bad_header("Header/feed_array holds an unknown feed",
                                 "'" + names[a * n + f] + "'; known are x, y, r, l");
            receptors += name;
        }
        auto const first = angles.begin() + static_cast<std::ptrdiff_t>(a * n);
        set_feeds(antennas[a], receptors, {first, first + static_cast<std::ptrdiff_t>(n)});
    }
}

/// Where X points: old files say it in a word.
void set_linear(bool x_to_east, std::vector<Antenna>& antennas)
{
    for (auto& antenna : antennas)
        set_feeds(antenna, "XY", x_to_east ? std::vector{pi / 2, 0.0} : std::vector{0.0, pi / 2});
}

}  // namespace

void read_feeds(Fields const& fields, std::string const& telescope, std::vector<Antenna>& antennas)
{
    auto const* known = find_known(telescope);
    if (fields.has_value("mount_type")) {
        auto const mounts = fields.texts("mount_type", {antennas.size()});
        for (std::size_t a = 0; a < antennas.size(); ++a) antennas[a].mount = in_capitals(mounts[a]);
    } else if (known) {
        for (auto& antenna : antennas) antenna.mount = known->mount;
    }
    if (fields.has_value("feed_array") && fields.has_value("feed_angle")) return read_stated(fields, antennas);
    auto const word = fields.is_text("x_orientation") ? in_capitals(fields.text("x_orientation")) : "";
    bool const east = word == "EAST" || word == "E" || word == "EW",
               north = word == "NORTH" || word == "N" || word == "NS";
    if (east || north)
        set_linear(east, antennas);
    else if (known && known->x_to_east)
        set_linear(true, antennas);
}

}  // namespace nocturne
