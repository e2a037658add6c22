// What a cube's maker notes of its channels' beams.
#include "stages/image/cube.hpp"

#include "nocturne/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nocturne {
namespace {

/// Whether beams of such major axes in arcsec, half as wide, at 1.3 GHz and so much more from channel to channel are noted.
std::vector<std::string> notes_of(std::vector<double> const& major_arcsec, Product product = Product::image,
                                  double step_hz = 1e8)
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
        part.images.emplace_back().product = product;
        cube.add(part, group);
        freq_hz += step_hz;
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
    EXPECT_TRUE(notes_of({30, 45, 27}, Product::dirty).empty()) << "nothing was restored";
    EXPECT_TRUE(notes_of({30, 30, 30}, Product::image, 3e8).empty()) << "a taper keeps the area";
    EXPECT_FALSE(notes_of({30, 40, 30}, Product::image, 3e8).empty());
}

}  // namespace
}  // namespace nocturne
