// The Earth table: values of the IERS, interpolation over leap seconds, what happens beyond its end.
#include "sky/earth.hpp"
#include "nocturne/error.hpp"
#include "sky/data_path.hpp"

#include <gtest/gtest.h>
#include <cstdio>
#include <fstream>

#include <unistd.h>

namespace nocturne {
namespace {

MjdSeconds at_mjd(double mjd) { return MjdSeconds(mjd * day_s); }

EarthOrientation table() { return EarthOrientation::load(NOCTURNE_SOURCE_DIR "/jobs/earth/earth_orientation.txt"); }

TEST(Earth, ValuesOfTheFirstDayAreBulletinB)
{
    auto const values = table().at(at_mjd(57023));
    EXPECT_NEAR(values.ut1_minus_utc_s, -0.4599090, 1e-12);
    EXPECT_DOUBLE_EQ(values.xp_rad, 0.030755 * arcsec_rad);
    EXPECT_DOUBLE_EQ(values.yp_rad, 0.280757 * arcsec_rad);
    EXPECT_EQ(values.tai_minus_utc_s, 35);
}

TEST(Earth, LeapSecondsStepUtcAndNotTheInterpolation)
{
    auto const earth = table();
    auto const before = earth.at(at_mjd(57753.9999)), after = earth.at(at_mjd(57754.0001));
    EXPECT_EQ(before.tai_minus_utc_s, 36);
    EXPECT_EQ(after.tai_minus_utc_s, 37);
    EXPECT_NEAR(after.ut1_minus_utc_s - before.ut1_minus_utc_s, 1, 1e-6);
}

TEST(Earth, BeyondTheTableIsAWarningWithItsSizeOrAnError)
{
    auto const earth = table();
    EXPECT_EQ(earth.warning(at_mjd(earth.last_mjd()), Strictness::fail), "");
    auto const word = earth.warning(at_mjd(earth.last_mjd() + 100), Strictness::warn);
    EXPECT_NE(word.find("0.190 s, 2.9 arcsec"), std::string::npos) << word;
    EXPECT_NE(earth.warning(at_mjd(50000), Strictness::warn).find("0.900 s"), std::string::npos);
    EXPECT_THROW(earth.warning(at_mjd(earth.last_mjd() + 1), Strictness::fail), Error);
    EXPECT_EQ(earth.at(at_mjd(earth.last_mjd() + 100)).xp_rad, earth.at(at_mjd(earth.last_mjd())).xp_rad);
}

TEST(Earth, NoteSaysMeasuredOrPredicted)
{
    auto const earth = table();
    EXPECT_NE(earth.note(at_mjd(60000)).find("measured"), std::string::npos);
    EXPECT_NE(earth.note(at_mjd(earth.measured_until_mjd() + 5)).find("predicted"), std::string::npos);
}

TEST(Earth, DriftBoundHoldsInTheTable)
{
    auto const earth = table();
    for (double mjd = earth.first_mjd(); mjd + 100 < earth.last_mjd(); mjd += 50) {
        auto const a = earth.at(at_mjd(mjd)), b = earth.at(at_mjd(mjd + 100));
        double const leap = b.tai_minus_utc_s - a.tai_minus_utc_s;
        EXPECT_LT(std::abs(b.ut1_minus_utc_s - a.ut1_minus_utc_s - leap), 0.19) << mjd;
    }
}

TEST(Earth, BadTablesAreNamedWithTheirLine)
{
    std::string const path = testing::TempDir() + "bad_earth-" + std::to_string(getpid()) + ".txt";
    std::ofstream(path) << "leap 57754 37\neop 60000 -0.1 0.1 0.1\neop 59999 -0.1 0.1 0.1\n";
    try {
        EarthOrientation::load(path);
        FAIL() << "a table that goes back in time was taken";
    } catch (Error const& error) {
        EXPECT_NE(std::string(error.what()).find("line 3"), std::string::npos) << error.what();
    }
    std::remove(path.c_str());
    EXPECT_THROW(EarthOrientation::load("/nonexistent/table.txt"), Error);
}

TEST(DataPath, FindsWhatIsShippedAndNamesThePlacesOtherwise)
{
    std::ifstream shipped(data_path("earth/earth_orientation.txt"));
    EXPECT_TRUE(shipped.good());
    EXPECT_THROW(data_path("earth/no_such_table.txt"), Error);
}

}  // namespace
}  // namespace nocturne
