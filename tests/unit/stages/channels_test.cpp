// Ranges of channels as they are said, and the parts of the band that a cube's channels are made of.
#include "stages/image/channels.hpp"

#include "nocturne/set_layout.hpp"
#include "nocturne/stage.hpp"
#include "tests/support/random_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nocturne {
namespace {

/// 64 channels of one MHz: 1400, 1401 … MHz.
GroupHeader header_of_one_file()
{
    GroupHeader header;
    header.group_id = "g";
    for (int c = 0; c < 64; ++c) header.freq_hz.push_back(1.4e9 + c * 1e6);
    header.channel_width_hz.assign(64, 1e6);
    header.subbands = {{0, "a", 0, "", 0, 64}};
    return header;
}

GroupHeader header_of_set(std::vector<SetLayout::Window> windows)
{
    auto header = header_of_one_file();
    auto set = std::make_shared<SetLayout>();
    set->windows = std::move(windows);
    header.set = set;
    return header;
}

TEST(Channels, spaces_around_numbers_say_nothing)
{
    auto const header = header_of_one_file();
    for (auto const* five : {"5", " 5", "5 ", " 5 ~ 5 "}) {
        auto const range = find_channels(five, header);
        EXPECT_EQ(range.first, 5) << five;
        EXPECT_EQ(range.n, 1) << five;
    }
    EXPECT_EQ(find_channels("1.405 ~ 1.41 GHz ", header).n, 6);
    for (auto const* wrong : {"5 6", "~", " ", "5 MHz"}) EXPECT_THROW(find_channels(wrong, header), Error) << wrong;
}

TEST(Channels, how_many_there_are_is_said_where_one_is_beyond)
{
    try {
        find_channels("64", header_of_one_file());
        FAIL();
    } catch (Error const& error) {
        EXPECT_NE(std::string(error.what()).find("group g has 64 channels"), std::string::npos) << error.what();
    }
}

/// They are no files, so the reader makes one subband of all.
TEST(Channels, subbands_of_a_measurement_set_are_its_spectral_windows)
{
    CubeSettings cube;
    cube.by_subband = true;
    auto const header = header_of_set({{0, 0, 40, {}}, {1, 40, 24, {}}});
    auto const all = cube_channels(cube, {}, header), part = cube_channels(cube, {30, 20}, header);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].first, 40);
    EXPECT_EQ(all[1].n, 24);
    ASSERT_EQ(part.size(), 2U);
    EXPECT_EQ(part[0].first, 30);
    EXPECT_EQ(part[0].n, 10);
    EXPECT_EQ(part[1].n, 10);
    EXPECT_EQ(cube_channels(cube, {}, header_of_one_file()).size(), 1U);
}

TEST(Channels, a_cube_of_one_subband_is_noted)
{
    auto const says_one = [](GroupHeader header) {
        test::RandomGroupArgs args;
        args.n_integrations = 2;
        args.n_baselines = 3;
        args.n_channels = 64;
        test::RandomGroup const group(args);
        GroupState state;
        state.device = make_device("kokkos");
        state.header = std::move(header);
        state.header.correlations = {Correlation::XX, Correlation::YY};
        state.header.time_mjd_s = group.time_s;
        state.header.integration_s.assign(group.time_s.size(), 12.9);
        state.header.baselines = group.baselines;
        for (int a = 0; a < 8; ++a) state.header.antennas.push_back({std::to_string(a), a, {}, 4.65});
        state.uvw_m = group.uvw_m;
        state.pointings.assign(group.time_s.size(), state.centre);
        auto const& stage = stage_type("image");
        for (auto const& pass : stage.make(Params(stage.params, {{"cube", std::string("subbands")}})))
            pass->prepare(state);
        return std::any_of(state.notes.begin(), state.notes.end(),
                           [](auto const& note) { return note.find("the cube has one channel") == 0; });
    };
    EXPECT_TRUE(says_one(header_of_set({{0, 0, 64, {}}})));
    EXPECT_FALSE(says_one(header_of_set({{0, 0, 40, {}}, {1, 40, 24, {}}})));
}

}  // namespace
}  // namespace nocturne
