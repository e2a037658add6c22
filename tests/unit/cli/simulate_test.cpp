// Simulated groups on disk: what the reader gives back, the samples in their places, and what the options mean.
#include "cli/group_files.hpp"
#include "cli/simulate_options.hpp"
#include "io/uvh5_files.hpp"
#include "io/uvh5_header.hpp"
#include "io/uvh5_marks.hpp"
#include "io/uvh5_writer.hpp"
#include "nocturne/error.hpp"
#include "sky/phasing.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>
#include <algorithm>
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

/// A file of sb00 whose rows stand in an order of their own, some turned, one left out; flags and nsamples say where they belong.
struct OddFile {
    std::string path;
    Uvh5Subband file;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> nsamples;

    OddFile(Written const& written, std::string const& folder)
        : path(folder + "/" + subband_file_name("2026-01-25T22:26:05", 0))
    {
        auto const& h = written.header;
        Index const nt = std::ssize(h.time_mjd_s), nb = std::ssize(h.baselines);
        file.site = h.site, file.antennas = h.antennas, file.baselines = h.baselines;
        file.uvw_m.assign(h.baselines.size(), {1, 2, 3});
        file.time_mjd_s = h.time_mjd_s, file.integration_s = h.integration_s, file.correlations = h.correlations;
        file.phase_center_dec_rad = h.centres.front().direction.dec.value();
        file.freq_hz.assign(h.freq_hz.rbegin(), h.freq_hz.rbegin() + 5);
        file.channel_width_hz = h.channel_width_hz.front();
        for (Index t = 0; t < nt; ++t)
            for (Index b = 0; b < nb; ++b)
                for (Index c = 0; c < 5; ++c)
                    for (Index p = 0; p < 2; ++p) {
                        vis.push_back({Written::code(t, b, 9 - c, p), -1});
                        flag.push_back((t + b + c + p) % 3 == 0);
                        nsamples.push_back(1 + Written::code(t, b, c, p));
                    }
        file.vis = make_view(static_cast<Vis const*>(vis.data()), nt, nb, Index(5), Index(2));
        file.flag = make_view(static_cast<std::uint8_t const*>(flag.data()), nt, nb, Index(5), Index(2));
        file.nsamples = make_view(static_cast<float const*>(nsamples.data()), nt, nb, Index(5), Index(2));
        for (Index b = nb; b-- > 0;)
            for (Index t : {1, 0, 2}) {
                auto const& [a1, a2] = h.baselines[static_cast<std::size_t>(b)];
                if (b == 4 && t == 2) continue;
                file.rows.push_back({t * nb + b, a1 != a2 && b % 2 == 1, h.time_mjd_s[static_cast<std::size_t>(t)],
                                     h.integration_s[0]});
            }
        write_uvh5(path, file);
    }
};

TEST(Simulate, AFileLikeAnotherHasItsRowsFlagsAndNsamples)
{
    Written const written;
    OddFile const odd(written, written.folder + "/odd");
    auto const like = std::make_shared<FileHeader const>(read_file_header(odd.path));
    ASSERT_EQ(like->n_rows, std::ssize(odd.file.rows));
    auto const header = join_headers({*like}, 1);
    auto const path = written.folder + "/like/" + subband_file_name("2026-01-25T22:26:05", 0);
    auto const number = [&](Baseline const& wanted) {
        for (Index b = 0; b < std::ssize(odd.file.baselines); ++b)
            if (auto const& [a1, a2] = odd.file.baselines[static_cast<std::size_t>(b)];
                a1 == wanted.ant1 && a2 == wanted.ant2)
                return b;
        return Index(-1);
    };
    write_group(header, {{path, 0, like->descending(), like}},
                {"DSA", "a test", 1, [&](Index first, Index n, View<Vis, 4> out) {
                     for (Index t = 0; t < out.extent[0]; ++t)
                         for (Index b = 0; b < out.extent[1]; ++b)
                             for (Index c = 0; c < n; ++c)
                                 for (Index p = 0; p < 2; ++p)
                                     out(t, b, c, p) = {
                                         Written::code(t, number(header.baselines[static_cast<std::size_t>(b)]),
                                                       5 + first + c, p),
                                         -1};
                 }});
    auto const made = read_file_header(path);
    EXPECT_TRUE(made.rows->rows == like->rows->rows);
    EXPECT_EQ(made.rows->target, like->rows->target);
    EXPECT_EQ(made.freq_hz, like->freq_hz);
    auto const n = static_cast<std::size_t>(like->n_rows) * 10;
    auto const a = read_marks(*like), b = read_marks(made);
    EXPECT_EQ(a.flag, b.flag);
    EXPECT_EQ(a.nsamples, b.nsamples);
    EXPECT_NE(std::count(b.flag.begin(), b.flag.end(), 0), 0);
    EXPECT_NE(std::count(b.flag.begin(), b.flag.end(), 1), 0);
    auto const of_odd = samples_of(odd.path, n), of_made = samples_of(path, n);
    int turned = 0;
    for (std::size_t i = 0; i < n; ++i) {
        ASSERT_EQ(of_odd[i].re, of_made[i].re) << i;
        ASSERT_EQ(of_odd[i].im, of_made[i].im) << i;
        turned += of_made[i].im > 0;
    }
    EXPECT_GT(turned, 0) << "rows as (ant2, ant1) hold the conjugate";
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
    options.integrations = 24;
    EXPECT_NO_THROW(options.settle_layout(telescope)) << "24 are 5.15 minutes";
    EXPECT_EQ(options.integrations, 24);
    options.integrations = 30;
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
