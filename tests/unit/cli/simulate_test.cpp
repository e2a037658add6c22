// Simulated groups on disk: what the reader gives back, the samples in their places, and what the options mean.
#include "cli/group_files.hpp"
#include "cli/simulate_options.hpp"
#include "io/uvh5_files.hpp"
#include "io/uvh5_header.hpp"
#include "nocturne/error.hpp"
#include "sky/catalogue.hpp"
#include "sky/phasing.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>
#include <cmath>
#include <filesystem>

#include <unistd.h>

namespace nocturne::cli {
namespace {

namespace fs = std::filesystem;

struct Written {
    std::string folder = testing::TempDir() + "simulated-" + std::to_string(getpid());
    Telescope telescope = load_telescope(NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml");
    GroupHeader header = simulated_header(telescope, {4, 3, 2, 5, degrees(54.6), MjdSeconds(61065.934780093 * day_s)});

    /// Every sample says where it belongs.
    static float code(Index t, Index b, Index c, Index p)
    {
        return static_cast<float>(((t * 100 + b) * 100 + c) * 10 + p);
    }

    Written()
    {
        fs::remove_all(folder);
        std::vector<FilePlan> plan;
        for (int s : {0, 1}) plan.push_back({path(s), s, true});
        write_group(header, plan, {"DSA", "a test", 48, [](Index first, Index n, View<Vis, 4> out) {
                                       for (Index t = 0; t < out.extent[0]; ++t)
                                           for (Index b = 0; b < out.extent[1]; ++b)
                                               for (Index c = 0; c < n; ++c)
                                                   for (Index p = 0; p < 2; ++p)
                                                       out(t, b, c, p) = {code(t, b, first + c, p), -1};
                                   }});
    }
    ~Written() { fs::remove_all(folder); }
    std::string path(int subband) const { return folder + "/" + subband_file_name("2026-01-25T22:26:05", subband); }
};

std::vector<Vis> samples_of(std::string const& path, std::size_t n)
{
    std::vector<Vis> samples(n);
    hid_t const file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT),
                dataset = H5Dopen2(file, "Data/visdata", H5P_DEFAULT);
    hid_t const type = H5Dget_type(dataset);
    EXPECT_EQ(H5Tget_size(type), sizeof(Vis));
    EXPECT_GE(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, samples.data()), 0);
    H5Tclose(type);
    H5Dclose(dataset);
    H5Fclose(file);
    return samples;
}

TEST(Simulate, ReaderGivesBackTheHeader)
{
    Written const written;
    auto const& h = written.header;
    auto const read = group_header({written.path(0), written.path(1)}, 2);
    EXPECT_EQ(read.group_id, "2026-01-25T22:26:05");
    EXPECT_EQ(read.centres.front().kind, PhaseReference::meridian);
    EXPECT_EQ(read.centres.front().direction.dec, h.centres.front().direction.dec);
    EXPECT_EQ(read.freq_hz, h.freq_hz);
    EXPECT_EQ(read.time_mjd_s, h.time_mjd_s);
    EXPECT_NEAR(read.site.longitude_rad, h.site.longitude_rad, 1e-15);
    ASSERT_EQ(read.baselines.size(), h.baselines.size());
    for (std::size_t b = 0; b < h.baselines.size(); ++b) {
        EXPECT_EQ(read.baselines[b].ant1, h.baselines[b].ant1);
        EXPECT_EQ(read.baselines[b].ant2, h.baselines[b].ant2);
    }
    EXPECT_EQ(read.antennas[58].position_m, h.antennas[58].position_m);
}

TEST(Simulate, SamplesLieDescendingInTheFiles)
{
    Written const written;
    Index const nb = std::ssize(written.header.baselines);
    auto const samples = samples_of(written.path(0), static_cast<std::size_t>(3 * nb * 5 * 2));
    for (Index t : {0, 2})
        for (Index b : {Index(0), nb - 1})
            for (Index c = 0; c < 5; ++c)  // sb00 is the upper half of the band
                EXPECT_EQ(samples[static_cast<std::size_t>(((t * nb + b) * 5 + c) * 2 + 1)].re,
                          Written::code(t, b, 9 - c, 1));
}

TEST(Simulate, DataThatAreNotOnTheMeridianAreRefused)
{
    Written written;
    written.header.centres.front().kind = PhaseReference::icrs;
    EXPECT_THROW(write_group(written.header, {{written.folder + "/x_sb00.hdf5", 0, true}}, {}), Error);
}

TEST(Simulate, StartIsSettledOnARightAscension)
{
    auto const telescope = load_telescope(NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml");
    auto const earth = EarthOrientation::load(NOCTURNE_SOURCE_DIR "/jobs/earth/earth_orientation.txt");
    for (double ra : {0.0, 359.95, 83.6}) {
        SimulateOptions options;
        options.dec_deg = 30;
        options.ra_deg = ra;
        double const before = options.start_mjd();
        options.settle_start(telescope, earth);
        EXPECT_GE(options.start_mjd(), before);
        EXPECT_LT(options.start_mjd(), before + 1);
        auto const centre = default_centre(simulated_header(telescope, options.observation()), earth);
        EXPECT_NEAR(std::remainder(centre.ra.value() / degree_rad - ra, 360), 0, 1e-6);
    }
}

TEST(Simulate, OptionsMakeTheSky)
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

TEST(Simulate, ASourceModelIsOneSourceOrTheShapeOfOthers)
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
    for (auto const* model : {"point", "", "disk"}) {
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

TEST(Simulate, SourcesOfACatalogueAreTheBrightestOfTheField)
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

TEST(Simulate, ACatalogueIsFoundByItsName)
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

TEST(Simulate, NoiseOfASystemTemperatureAndUsualGainErrors)
{
    auto const telescope = load_telescope(NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml");
    SimulateOptions options;
    options.system_temp_k = 50;
    options.complete(telescope);
    double const area_m2 = pi / 4 * 4.65 * 4.65;
    EXPECT_NEAR(options.instrument.sefd_jy, 2 * 1380.649 * 50 / (0.7 * area_m2), 1e-6);
    EXPECT_EQ(options.instrument.gain_amplitude_std, 0);
    options.aperture_efficiency = 0.35;
    options.cal_errors = true;
    options.phase_std_deg = 0;
    options.complete(telescope);
    EXPECT_NEAR(options.instrument.sefd_jy, 2 * 1380.649 * 50 / (0.35 * area_m2), 1e-6);
    EXPECT_EQ(options.instrument.gain_amplitude_std, 0.1);
    EXPECT_EQ(options.instrument.gain_phase_std_rad, 0) << "as was asked for";
    options.phase_std_deg.reset();
    options.complete(telescope);
    EXPECT_NEAR(options.instrument.gain_phase_std_rad, 10 * degree_rad, 1e-15);
    EXPECT_THROW(options.complete(find_telescope("nothing")), Error);
    options.sefd_jy = 100;
    EXPECT_THROW(options.complete(telescope), Error) << "two sizes of one noise";
    for (double bad : {0.0, -5.0, std::nan("")}) {
        SimulateOptions other;
        other.system_temp_k = bad;
        EXPECT_THROW(other.complete(telescope), Error) << bad;
    }
    SimulateOptions alone;
    alone.aperture_efficiency = 0.5;
    EXPECT_THROW(alone.complete(telescope), Error);
}

TEST(Simulate, ADurationIsSoManyIntegrations)
{
    auto const telescope = load_telescope(NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml");
    SimulateOptions options;
    options.duration_min = 5.0;
    options.settle_layout(telescope);
    EXPECT_EQ(options.integrations, 23);
    EXPECT_EQ(options.freq_order, "desc");
    EXPECT_NO_THROW(options.settle_layout(telescope)) << "both say the same";
    options.integrations = 24;
    EXPECT_THROW(options.settle_layout(telescope), Error);
    for (double bad : {0.0, -1.0, 0.1, 1e9, std::nan("")}) {
        SimulateOptions other;
        other.duration_min = bad;
        EXPECT_THROW(other.settle_layout(telescope), Error) << bad;
    }
}

TEST(Simulate, ShuffledSubbandsAreAllWrittenInAnotherOrder)
{
    SimulateOptions options;
    options.missing = {3};
    auto const plain = options.writing_order(16);
    EXPECT_EQ(plain.size(), 15u);
    EXPECT_TRUE(std::is_sorted(plain.begin(), plain.end()));
    options.shuffle_subbands = true;
    auto const one = options.writing_order(16);
    EXPECT_NE(one, plain);
    EXPECT_TRUE(std::is_permutation(one.begin(), one.end(), plain.begin(), plain.end()));
    EXPECT_EQ(options.writing_order(16), one);
    options.instrument.seed = 2;
    EXPECT_NE(options.writing_order(16), one);
}

TEST(Simulate, UnknownTelescopesAreRefusedWithTheNearestName)
{
    SimulateOptions options;
    options.telescope = "DSA-111";
    try {
        options.read_telescope();
        FAIL() << "no error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::usage);
        EXPECT_NE(std::string(error.what()).find("did you mean 'DSA-110'"), std::string::npos) << error.what();
    }
}

TEST(Simulate, StampsAreRoundedDown)
{
    EXPECT_EQ(format_stamp(61065 + (22 * 3600 + 26 * 60 + 5.9) / 86400.0), "2026-01-25T22:26:05");
    EXPECT_EQ(format_stamp(61065 + (22 * 3600 + 26 * 60 + 5) / 86400.0), "2026-01-25T22:26:05");
}

}  // namespace
}  // namespace nocturne::cli
