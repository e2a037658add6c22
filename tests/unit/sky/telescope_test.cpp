// Telescope files: what is shipped, what is refused, what a telescope without a file gets.
#include "sky/telescope.hpp"
#include "nocturne/error.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace nocturne {
namespace {

std::string const shipped = NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml";

/// The shipped file with one piece replaced, loaded; returns the error's text.
std::string error_with(std::string const& old, std::string const& fresh)
{
    std::ifstream file(shipped);
    std::string text((std::istreambuf_iterator<char>(file)), {});
    auto const at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    text.replace(at, old.size(), fresh);
    std::string const path = testing::TempDir() + "telescope_test-" + std::to_string(getpid()) + ".yaml";
    std::ofstream(path) << text;
    std::string said;
    try {
        load_telescope(path);
    } catch (Error const& error) {
        said = error.what();
    }
    std::filesystem::remove(path);
    return said;
}

TEST(Telescope, Dsa110IsFoundByEachOfItsNames)
{
    for (auto const* name : {"OVRO_MMA", "DSA-110", "dsa_110"}) {
        auto const t = find_telescope(name);
        EXPECT_EQ(t.name, "DSA-110");
        EXPECT_EQ(t.stations.size(), 117u);
        EXPECT_EQ(t.drift, DriftState::fringe_stopped);
        EXPECT_EQ(t.dish_diameter_m, 4.65);
        EXPECT_EQ(t.correlations, (std::vector{Correlation::XX, Correlation::YY}));
        EXPECT_EQ(t.site.telescope_name, "OVRO_MMA");
    }
}

TEST(Telescope, BandDescendsOverSixteenSubbands)
{
    auto const band = load_telescope(shipped).band;
    EXPECT_DOUBLE_EQ(band.freq_hz(0).front(), 1498643188.0);
    EXPECT_DOUBLE_EQ(band.freq_hz(1).front(), 1498643188.0 - 48 * 244140.625);
    EXPECT_NEAR(band.freq_hz(15).back(), 1311.387e6, 1e3);
}

TEST(Telescope, StationsLieWithinTheArray)
{
    auto const t = load_telescope(shipped);
    auto const antennas = antennas_of(t, t.site);
    double longest = 0;
    for (auto const& a : antennas)
        for (auto const& b : antennas)
            longest = std::max(longest, std::hypot(a.position_m[0] - b.position_m[0], a.position_m[1] - b.position_m[1],
                                                   a.position_m[2] - b.position_m[2]));
    EXPECT_GT(longest, 2500);
    EXPECT_LT(longest, 2800);
    EXPECT_EQ(antennas[102].name, "103");
    EXPECT_EQ(antennas[102].number, 102);
}

TEST(Telescope, UnknownOnesGetADefaultThatKnowsNothing)
{
    auto const t = find_telescope("HERA");
    EXPECT_EQ(t.name, "HERA");
    EXPECT_TRUE(t.path.empty());
    EXPECT_EQ(t.drift, DriftState::unphased);
    EXPECT_EQ(t.dish_diameter_m, 0);
}

TEST(Telescope, BadFilesAreNamedWithLineAndNearestKey)
{
    auto const unknown = error_with("dish_diameter_m:", "dish_diametr_m:");
    EXPECT_NE(unknown.find("dish_diametr_m"), std::string::npos) << unknown;
    EXPECT_NE(unknown.find("did you mean 'dish_diameter_m'"), std::string::npos) << unknown;
    EXPECT_NE(unknown.find("line "), std::string::npos) << unknown;
    EXPECT_NE(error_with("drift: fringe-stopped", "drift: stopped").find("known are fringe-stopped, unphased"),
              std::string::npos);
    EXPECT_NE(error_with("integration_s: 12.884901888", "integration_s: -3").find("not positive"), std::string::npos);
    EXPECT_NE(error_with("integration_s: 12.884901888", "integration_s: soon").find("wrong type"), std::string::npos);
    EXPECT_NE(error_with("drift: fringe-stopped", "").find("'drift' is missing"), std::string::npos);
    EXPECT_NE(error_with("[DSA-001, 37.2333752,", "[37.2333752,").find("a station is not"), std::string::npos);
    EXPECT_NE(error_with("name: DSA-110", "name: [DSA-110").find("not YAML"), std::string::npos);
    EXPECT_NE(error_with("[DSA-002,", "[DSA-001,").find("two stations are called 'DSA-001'"), std::string::npos);
    EXPECT_NE(error_with("dish_diameter_m: ", "dish_diameter_m: -").find("negative"), std::string::npos);
    EXPECT_EQ(error_with("dish_diameter_m: ", "dish_diameter_m: 0  # was "), "");
    EXPECT_THROW(load_telescope("/nonexistent.yaml"), Error);
    auto const names = telescope_names();
    EXPECT_NE(std::find(names.begin(), names.end(), "DSA-110"), names.end());
}

TEST(Telescope, SiteIsTheHeadersUnlessTheFileOverrides)
{
    auto t = load_telescope(shipped);
    GroupHeader header;
    header.site = {"OVRO_MMA", 0.6, -2, 1000, "header"};
    header.antennas.resize(2);
    header.antennas[1].diameter_m = 3;
    apply(t, header);
    EXPECT_EQ(header.site.latitude_rad, 0.6);
    EXPECT_EQ(header.site.origin, "header");
    EXPECT_EQ(header.antennas[0].diameter_m, 4.65);
    EXPECT_EQ(header.antennas[1].diameter_m, 3);
    t.site_from = SiteFrom::telescope;
    apply(t, header);
    EXPECT_EQ(header.site.latitude_rad, t.site.latitude_rad);
    EXPECT_EQ(header.site.origin, shipped);
}

}  // namespace
}  // namespace nocturne
