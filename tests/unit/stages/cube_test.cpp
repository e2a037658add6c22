// What a cube's maker notes of its channels' beams.
#include "stages/image/cube.hpp"

#include "nocturne/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nocturne {
namespace {

/// Whether beams of such major axes in arcsec, half as wide, at 1.3, 1.4, 1.5 GHz are noted.
std::vector<std::string> notes_of(std::vector<double> const& major_arcsec)
{
    GroupState group;
    CubeMaker cube(major_arcsec.size());
    double freq_hz = 1.3e9;
    for (double const major : major_arcsec) {
        GroupState part;
        part.header.freq_hz = {freq_hz};
        part.header.channel_width_hz = {1e8};
        Image psf;
        psf.product = Product::psf;
        psf.beam = {major * arcsec_rad, 0.5 * major * arcsec_rad, 0};
        part.images.push_back(psf);
        cube.add(part, group);
        freq_hz += 1e8;
    }
    cube.finish(group);
    std::erase_if(group.notes, [](auto const& note) { return note.find("restoring beam differs") == note.npos; });
    return group.notes;
}

TEST(Cube, beams_that_jump_from_channel_to_channel_are_noted)
{
    auto const jump = notes_of({30, 45, 27});
    ASSERT_EQ(jump.size(), 1U);
    EXPECT_NE(jump[0].find("by a factor of 2.6"), std::string::npos) << jump[0];
    EXPECT_TRUE(notes_of({30, 28, 26}).empty()) << "as the frequency does";
    EXPECT_TRUE(notes_of({30, 0, 26}).empty()) << "a blank channel has none";
}

}  // namespace
}  // namespace nocturne
