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
        check_memory(job, make_device("kokkos", 0), free_bytes);
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

}  // namespace
}  // namespace nocturne
