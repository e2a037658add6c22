// Memory that images take is asked for before the work, by what is free.
#include "driver/room.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

/// Whether the images of so many pixels a side are refused where so much is free.
bool refused(std::map<std::string, std::string> const& given, std::uint64_t free_bytes)
{
    auto const job = make_job("image", {"read", "convert", "flag", "image"}, {{}, given});
    try {
        check_memory(job, make_device("kokkos", 0), free_bytes, 16);
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
}

}  // namespace
}  // namespace nocturne
