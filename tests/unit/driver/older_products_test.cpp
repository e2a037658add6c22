// What an earlier run left beside a group's products is named by its kind.
#include "driver/older_products.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

class OlderProducts : public testing::Test {
protected:
    void SetUp() override
    {
        directory_ = fs::temp_directory_path() / ("nocturne-older-" + std::to_string(getpid()));
        fs::create_directories(directory_);
    }
    void TearDown() override { fs::remove_all(directory_); }
    void add(std::string const& name) const { std::ofstream(directory_ / name) << "x"; }
    std::string told(std::set<std::string> const& ours) const
    {
        return older_products((directory_ / "G").string(), ours);
    }
    fs::path directory_;
};

TEST_F(OlderProducts, AreTheGroupsAndNotOfThisRun)
{
    EXPECT_EQ(told({}), "");
    for (auto const* name : {"G-image.fits", "G-dirty.fits", "G-cube.fits", "G-ch0001-image.fits", "G-ch0001-psf.fits",
                             "G-ch0000-image.fits", "G-candidates.csv", "G-t007.fits"})
        add(name);
    for (auto const* other : {"H-ch0002-image.fits", "G-chart.fits", "G-report.html", "G-t12x.fits", "G-tail.fits"})
        add(other);
    EXPECT_EQ(told({"G-dirty.fits", "G-ch0000-image.fits"}), "image, cube, ch0001, candidates, t007");
    EXPECT_EQ(told({"G-dirty.fits", "G-image.fits", "G-cube.fits", "G-t007.fits", "G-ch0001-psf.fits"}),
              "ch0000, ch0001, candidates");
}

TEST_F(OlderProducts, ManyChannelsAreARange)
{
    for (int k = 10; k < 16; ++k) add("G-ch00" + std::to_string(k) + "-dirty.fits");
    EXPECT_EQ(told({}), "ch0010 … ch0015 (6)");
}

}  // namespace
}  // namespace nocturne
