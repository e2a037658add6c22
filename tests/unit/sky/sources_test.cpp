// Source lists and the beam: values from scipy.special.j1, errors with their line.
#include "sky/sources.hpp"
#include "nocturne/error.hpp"
#include "sky/beam.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <cstdio>
#include <fstream>

#include <unistd.h>

namespace nocturne {
namespace {

auto read_back(std::string const& text)
{
    std::string const path = testing::TempDir() + "sources_test-" + std::to_string(getpid()) + ".csv";
    std::ofstream(path) << text;
    struct Removed {
        std::string const& path;
        ~Removed() { std::remove(path.c_str()); }
    } const afterwards{path};
    return read_sources(path);
}

std::string error_of(std::string const& text)
{
    try {
        read_back(text);
    } catch (Error const& error) {
        return error.what();
    }
    return "";
}

TEST(Sources, ColumnsGoByName)
{
    auto const sources =
        read_back("# made by hand\nflux_jy, name ,dec_deg,ra_deg,note\n2.5,A,-30.5,359.9,x\n\n1e-3,,85,0.1,\n");
    ASSERT_EQ(sources.size(), 2u);
    EXPECT_EQ(sources[0].name, "A");
    EXPECT_DOUBLE_EQ(sources[0].direction.ra.value(), 359.9 * degree_rad);
    EXPECT_DOUBLE_EQ(sources[0].flux_jy, 2.5);
    EXPECT_EQ(sources[0].spix, 0);
    EXPECT_EQ(sources[1].name, "S2");
}

TEST(Sources, QuotedNamesMayHoldCommas)
{
    auto const sources = read_back(
        "\"name\",ra_deg,dec_deg,flux_jy\n\"a, b\",1,2,3\n \"say \"\"x\"\"\" ,\"1\",2,3\nfive\" "
        "dish,1,2,3\n\"\",1,2,\"3\"\n");
    ASSERT_EQ(sources.size(), 4u);
    EXPECT_EQ(sources[0].name, "a, b");
    EXPECT_EQ(sources[1].name, "say \"x\"");
    EXPECT_EQ(sources[2].name, "five\" dish");
    EXPECT_EQ(sources[3].name, "S4");
    EXPECT_NE(error_of("name,ra_deg,dec_deg,flux_jy\n\"a,1,2,3\n").find("quote is not closed"), std::string::npos);
}

TEST(Sources, OfSpreadsheetsBeginWithAByteOrderMark)
{
    EXPECT_EQ(read_back("\xEF\xBB\xBFname,ra_deg,dec_deg,flux_jy\na,1,2,3\n").at(0).name, "a");
}

TEST(Sources, WrittenAndReadAgain)
{
    for (auto const* name : {"a, b", "say \"x\"", "#1", "five\" dish"})
        EXPECT_EQ(read_back(sources_csv({{name, {degrees(1), degrees(2)}, 1, 0}})).at(0).name, name);
    std::vector<Source> const sources{{"3C286", {degrees(202.7845329), degrees(30.5091550)}, 14.9, -0.47}};
    auto const again = read_back(sources_csv(sources));
    ASSERT_EQ(again.size(), 1u);
    EXPECT_NEAR(again[0].direction.ra.value(), sources[0].direction.ra.value(), 1e-11);
    EXPECT_DOUBLE_EQ(again[0].flux_at(1.4e9), 14.9);
    EXPECT_LT(again[0].flux_at(1.5e9), 14.9);
}

TEST(Sources, GaussiansHaveShapes)
{
    auto const sources = read_back(
        "ra_deg,dec_deg,flux_jy,major_arcsec,minor_arcsec,pa_deg\n"
        "1,2,3,60,30,45\n1,2,3,60,,\n1,2,3,,,\n");
    ASSERT_EQ(sources.size(), 3u);
    EXPECT_DOUBLE_EQ(sources[0].minor_rad, 30 * arcsec_rad);
    EXPECT_DOUBLE_EQ(sources[0].pa_rad, 45 * degree_rad);
    EXPECT_DOUBLE_EQ(sources[1].minor_rad, 60 * arcsec_rad) << "a circle";
    EXPECT_EQ(sources[2].major_rad, 0);
    auto const again = read_back(sources_csv(sources));
    EXPECT_NEAR(again[0].major_rad, 60 * arcsec_rad, 1e-12);
    EXPECT_NEAR(again[0].pa_rad, 45 * degree_rad, 1e-9);
    EXPECT_EQ(again[2].major_rad, 0);
}

TEST(Sources, DisksAreSaid)
{
    auto const sources = read_back(
        "ra_deg,dec_deg,flux_jy,shape,major_arcsec\n1,2,3,disk,60\n1,2,3,gaussian,60\n1,2,3,point,\n1,2,3,,60\n");
    ASSERT_EQ(sources.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(sources[i].disk, i == 0) << i;
    auto const again = read_back(sources_csv(sources));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(again[i].disk, i == 0) << i;
    EXPECT_NE(error_of("ra_deg,dec_deg,flux_jy,shape\n1,2,3,disc\n").find("did you mean 'disk'"), std::string::npos);
    EXPECT_NE(error_of("ra_deg,dec_deg,flux_jy,shape\n1,2,3,disk\n").find("do not fit"), std::string::npos);
}

TEST(Sources, BadLinesAreNamed)
{
    EXPECT_NE(error_of("ra_deg,dec_deg,flux_jy,major_arcsec,minor_arcsec\n1,2,3,4,5\n").find("minor_arcsec is larger"),
              std::string::npos);
    EXPECT_NE(error_of("name,ra_deg,dec_deg,flux_jy\nA,1,2,x\n").find("line 2"), std::string::npos);
    EXPECT_NE(error_of("name,ra_deg,dec_deg,flux_jy\nA,1,2\n").find("no value for flux_jy"), std::string::npos);
    EXPECT_NE(error_of("name,ra_deg,dec_deg,flux_jy\nA,1,92,1\n").find("beyond 90"), std::string::npos);
    EXPECT_NE(error_of("name,ra,dec_deg,flux_jy\n").find("no column ra_deg"), std::string::npos);
    EXPECT_NE(error_of("\n").find("empty"), std::string::npos);
    EXPECT_THROW(read_sources("/nonexistent.csv"), Error);
}

TEST(Beam, DishesAreThoseThatObserve)
{
    GroupHeader h;
    for (double const diameter : {0.0, 25.0, 25.1, 0.0, 12.0}) h.antennas.push_back({"", 0, {}, diameter});
    EXPECT_EQ(common_dish_diameter_m(h), std::nullopt);
    h.baselines = {{0, 1}, {1, 2}, {2, 3}};
    EXPECT_EQ(common_dish_diameter_m(h), 25.0) << "within 1 %, and those of unknown size do not count";
    h.baselines = {{0, 3}};
    EXPECT_EQ(common_dish_diameter_m(h), 0.0);
    h.baselines = {{2, 4}};
    EXPECT_EQ(common_dish_diameter_m(h), std::nullopt);
}

TEST(Beam, IsScipysAiry)
{
    struct {
        double diameter, theta_deg, freq, power;
    } const cases[] = {{4.65, 1.5, 1400000000.0, 0.423745318479238},
                       {4.65, 3.5, 1310000000.0, 0.00017877813887370045},
                       {4.65, 0.001, 1400000000.0, 0.9999996455826315},
                       {25, 0.2, 3000000000.0, 0.0973798348248252}};
    for (auto const& c : cases)
        EXPECT_NEAR(airy_power(c.diameter, std::sin(c.theta_deg * degree_rad), c.freq), c.power, 1e-12);
    EXPECT_EQ(airy_power(0, 0.1, 1.4e9), 1);
    EXPECT_EQ(airy_power(4.65, 0, 1.4e9), 1);
    EXPECT_NEAR(airy_power_of(0.9999e-3), airy_power_of(1.0001e-3), 1e-9);
}

}  // namespace
}  // namespace nocturne
