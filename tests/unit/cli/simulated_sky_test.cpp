// The sources of `simulate`: single ones, shapes, catalogues.
#include "cli/simulate_options.hpp"
#include "nocturne/error.hpp"
#include "sky/catalogue.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

namespace nocturne::cli {
namespace {

namespace fs = std::filesystem;

TEST(SimulatedSky, OptionsMakeTheSky)
{
    SimulateOptions options;
    EXPECT_EQ(options.read_sky({degrees(10), degrees(20)}).size(), 30u);
    options.random_sources = 0;
    EXPECT_TRUE(options.read_sky({}).empty());
    options.random_sources = -1;
    options.single_sources = {"359.9,30", "1,2,3.5,-0.7"};
    auto const sources = options.read_sky({});
    ASSERT_EQ(sources.size(), 2u);
    EXPECT_EQ(sources[0].flux_jy, 1);
    EXPECT_EQ(sources[1].flux_jy, 3.5);
    EXPECT_EQ(sources[1].spix, -0.7);
    for (auto const* bad : {"1", "1,x", "1,95", "1,2,3,4,5", ""}) {
        options.single_sources = {bad};
        EXPECT_THROW(options.read_sky({}), Error) << bad;
    }
    options.noise = true;
    options.complete(load_telescope(NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml"));
    EXPECT_EQ(options.instrument.sefd_jy, 5800);
    EXPECT_THROW(options.complete(find_telescope("nothing")), Error);
}

TEST(SimulatedSky, ASourceModelIsOneSourceOrTheShapeOfOthers)
{
    Direction const centre{degrees(10), degrees(20)};
    SimulateOptions options;
    options.source_model = "point";
    options.brightest_jy = 25;
    auto sources = options.read_sky(centre);
    ASSERT_EQ(sources.size(), 1u);
    EXPECT_EQ(sources[0].flux_jy, 25);
    EXPECT_EQ(sources[0].direction.ra, centre.ra);
    EXPECT_EQ(sources[0].major_rad, 0);
    options.source_model = "gaussian";
    EXPECT_THROW(options.read_sky(centre), Error) << "of what size";
    options.source_size_arcsec = 30;
    options.source_pa_deg = 45;
    EXPECT_NEAR(options.read_sky(centre)[0].minor_rad, 30 * arcsec_rad, 1e-15);
    options.source_minor_arcsec = 10;
    options.single_sources = {"10,20,1"};
    options.random_sources = 2;
    sources = options.read_sky(centre);
    ASSERT_EQ(sources.size(), 3u);
    for (auto const& source : sources) {
        EXPECT_NEAR(source.major_rad, 30 * arcsec_rad, 1e-15);
        EXPECT_NEAR(source.minor_rad, 10 * arcsec_rad, 1e-15);
        EXPECT_NEAR(source.pa_rad, pi / 4, 1e-15);
    }
    options.source_minor_arcsec = 40;
    EXPECT_THROW(options.read_sky(centre), Error);
    options.source_minor_arcsec.reset();
    options.source_model = "disk";
    EXPECT_TRUE(options.read_sky(centre)[0].disk);
    EXPECT_NEAR(options.read_sky(centre)[0].major_rad, 60 * arcsec_rad, 1e-15) << "the diameter";
    for (auto const* model : {"point", ""}) {
        options.source_model = model;
        EXPECT_THROW(options.read_sky(centre), Error) << "a size, and " << model;
    }
}

struct WrittenCatalogue {
    std::string path = testing::TempDir() + "catalogue-" + std::to_string(getpid()) + ".sqlite";
    WrittenCatalogue()
    {
        write_catalogue(path,
                        {{"near", {degrees(10.2), degrees(20)}, 0.5},
                         {"faint", {degrees(10), degrees(20.1)}, 0.004},
                         {"bright", {degrees(9.9), degrees(20)}, 2, -0.7},
                         {"far", {degrees(15), degrees(20)}, 9}},
                        "a test");
    }
    ~WrittenCatalogue() { fs::remove(path); }
};

std::string names(std::vector<Source> const& sources)
{
    std::string all;
    for (auto const& source : sources) all += source.name + " ";
    return all;
}

TEST(SimulatedSky, SourcesOfACatalogueAreTheBrightestOfTheField)
{
    WrittenCatalogue const catalogue;
    Direction const centre{degrees(10), degrees(20)};
    SimulateOptions options;
    options.source_catalogue = catalogue.path;
    auto const all = options.read_sky(centre);
    EXPECT_EQ(names(all), "bright near faint ");
    EXPECT_EQ(all[0].spix, -0.7);
    options.least_flux_mjy = 5;
    EXPECT_EQ(names(options.read_sky(centre)), "bright near ");
    options.most_sources = 1;
    EXPECT_EQ(names(options.read_sky(centre)), "bright ");
    options.region_ra_deg = 15.5;
    EXPECT_EQ(names(options.read_sky(centre)), "far ");
    options.region_radius_deg = 0.1;
    EXPECT_THROW(options.read_sky(centre), Error) << "none is there";
    options.source_catalogue.clear();
    EXPECT_THROW(options.read_sky(centre), Error) << "a region of no catalogue";
}

TEST(SimulatedSky, ACatalogueIsFoundByItsName)
{
    WrittenCatalogue const catalogue;
    SimulateOptions options;
    options.source_catalogue_type = "nvss";
    setenv("NVSS_CATALOG", catalogue.path.c_str(), 1);
    EXPECT_EQ(options.read_sky({degrees(10), degrees(20)}).size(), 3u);
    unsetenv("NVSS_CATALOG");
    try {
        options.read_sky({degrees(10), degrees(20)});
        FAIL() << "no error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::usage);
        EXPECT_NE(std::string(error.what()).find("NVSS_CATALOG"), std::string::npos) << error.what();
    }
    options.source_catalogue_type = "vla";
    auto const found = options.read_sky({degrees(202.78), degrees(30.51)});
    ASSERT_FALSE(found.empty());
    EXPECT_GT(found[0].flux_jy, 10) << "3C286";
}

}  // namespace
}  // namespace nocturne::cli
