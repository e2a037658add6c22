// Memory that images take is asked for before the work, by what is free.
#include "driver/room.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

/// Sixteen subbands of four channels, of which the first are there.
GroupHeader small_header(Index n_subbands = 16)
{
    GroupHeader header;
    for (Index c = 0; c < 64; ++c) header.freq_hz.push_back(1.3e9 + 1e6 * static_cast<double>(c));
    for (Index s = 0; s < 16; ++s) {
        header.subbands.emplace_back();
        header.subbands.back().first_channel = 4 * s, header.subbands.back().n_channels = s < n_subbands ? 4 : 0;
    }
    return header;
}

/// Whether the images of so many pixels a side are refused where so much is free.
bool refused(std::map<std::string, std::string> const& given, std::uint64_t free_bytes, Index n_subbands = 16)
{
    auto const job = make_job("image", {"read", "convert", "flag", "image"}, {{}, given});
    auto const header = small_header(n_subbands);
    try {
        check_memory(job, make_device("kokkos", 0), free_bytes, &header);
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::system);
        EXPECT_NE(std::string(error.what()).find(no_memory), std::string::npos) << error.what();
        return true;
    }
    return false;
}

TEST(Room, MemoryOfImagesIsHeldAgainstWhatIsFree)
{
    constexpr std::uint64_t pixels = 4096 * 4096;
    EXPECT_FALSE(refused({{"imsize", "4096"}}, 20 * pixels));
    EXPECT_TRUE(refused({{"imsize", "4096"}}, 18 * pixels));
    EXPECT_FALSE(refused({{"imsize", "4096"}, {"niter", "10"}}, 86 * pixels));
    EXPECT_TRUE(refused({{"imsize", "4096"}, {"niter", "10"}}, 84 * pixels));
    EXPECT_TRUE(refused({{"imsize", "4096"}, {"per-integration", "true"}}, 84 * pixels)) << "the search cleans";
    EXPECT_FALSE(
        refused({{"imsize", "4096"}, {"per-integration", "true"}, {"snapshot-subtract", "none"}}, 20 * pixels));
    EXPECT_TRUE(refused({{"imsize", "4096"}, {"niter", "10"}, {"nterms", "2"}}, 120 * pixels));
    EXPECT_FALSE(refused({{"imsize", "4096"}, {"niter", "10"}, {"nterms", "2"}}, 140 * pixels));
}

TEST(Room, ChannelsOfACubeAreCounted)
{
    constexpr std::uint64_t pixels = 2000 * 2000;
    std::map<std::string, std::string> given{{"imsize", "2000"}, {"niter", "20"}, {"cube", "subbands"}};
    EXPECT_TRUE(refused(given, 700 * pixels));
    EXPECT_FALSE(refused(given, 780 * pixels));
    given["cube"] = "4";
    EXPECT_TRUE(refused(given, 220 * pixels));
    EXPECT_FALSE(refused(given, 260 * pixels));
    given["niter"] = "0";
    EXPECT_TRUE(refused(given, 75 * pixels));
    EXPECT_FALSE(refused(given, 85 * pixels));
    given["cube"] = "subbands", given["channels"] = "8~15";
    EXPECT_TRUE(refused(given, 48 * pixels));
    EXPECT_FALSE(refused(given, 50 * pixels)) << "two of the subbands alone";
    given = {{"imsize", "2000"}, {"niter", "20"}, {"cube", "16"}};
    EXPECT_TRUE(refused(given, 700 * pixels));
    EXPECT_FALSE(refused(given, 310 * pixels, 4)) << "blank channels have a plane alone";
    EXPECT_TRUE(refused(given, 290 * pixels, 4));
}

/// What a group lacks is told before what a node lacks; before the group is known a cube is no reason.
TEST(Room, ChannelsThatAGroupLacksAreNoMatterOfRoom)
{
    auto const code = [](std::map<std::string, std::string> const& given, GroupHeader const* header) {
        auto const job = make_job("image", {"read", "convert", "flag", "image"}, {{}, given});
        try {
            check_memory(job, make_device("kokkos", 0), 1, header);
        } catch (Error const& error) {
            return error.code();
        }
        return Code::defect;
    };
    auto const header = small_header();
    EXPECT_EQ(code({{"cube", "65"}}, &header), Code::bad_config);
    EXPECT_EQ(code({{"channels", "60~64"}}, &header), Code::bad_config);
    EXPECT_EQ(code({{"cube", "65"}}, nullptr), Code::system);
    auto const job = make_job("image", {"read", "convert", "flag", "image"}, {{}, {{"imsize", "64"}, {"cube", "1"}}});
    auto const out = ::testing::TempDir();
    EXPECT_NO_THROW(check_room(job, out, &header));
    auto fine = header;
    fine.freq_hz.resize(1000, 1.4e9);
    auto const huge = make_job("image", {"read", "convert", "flag", "image"},
                               {{}, {{"imsize", "8192"}, {"niter", "1"}, {"cube", "1000"}}});
    EXPECT_NO_THROW(check_room(huge, out, nullptr)) << "2.4 GB";
    EXPECT_THROW(check_room(huge, out, &fine), Error) << "2.7 TB";
}

}  // namespace
}  // namespace nocturne
