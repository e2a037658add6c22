// The simulator: layout of the header, gains, noise, interference, dead antennas, zeros; any order of rows, same numbers.
#include "sky/simulator.hpp"
#include "nocturne/error.hpp"
#include "sky/phasing.hpp"

#include <gtest/gtest.h>
#include <cmath>

namespace nocturne {
namespace {

struct Scene {
    EarthOrientation earth = EarthOrientation::load(NOCTURNE_SOURCE_DIR "/jobs/earth/earth_orientation.txt");
    Telescope telescope = load_telescope(NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml");
    GroupHeader header;
    std::vector<Source> sources;

    Scene(int antennas = 5, int subbands = 2, int channels = 32)
    {
        header =
            simulated_header(telescope, {antennas, 3, subbands, channels, degrees(54.6), MjdSeconds(61000.3 * day_s)});
        sources = random_sources({4, default_centre(header, earth), degrees(1), 1, 0, 3});
    }

    std::vector<Vis> make(InstrumentOptions const& options, Index first = 0, Index n = -1) const
    {
        n = n < 0 ? std::ssize(header.freq_hz) : n;
        Index const nt = std::ssize(header.time_mjd_s), nb = std::ssize(header.baselines),
                    np = std::ssize(header.correlations);
        std::vector<Vis> vis(static_cast<std::size_t>(nt * nb * n * np));
        Predictor const sky(header, sources, {}, earth);
        Instrument const instrument(header, options);
        Simulator(header, sky, instrument).fill(first, n, make_view(vis.data(), nt, nb, n, np));
        return vis;
    }
    Index at(Index t, Index b, Index c, Index p) const
    {
        return ((t * std::ssize(header.baselines) + b) * std::ssize(header.freq_hz) + c) * 2 + p;
    }
};

TEST(Simulator, HeaderIsThatOfDsa110)
{
    Scene const scene(96, 16, 48);
    auto const& h = scene.header;
    EXPECT_EQ(h.freq_hz.size(), 768u);
    EXPECT_TRUE(std::is_sorted(h.freq_hz.begin(), h.freq_hz.end()));
    EXPECT_EQ(h.baselines.size(), 4656u);
    EXPECT_EQ(h.baselines[4].ant1, 1);
    EXPECT_EQ(h.baselines[4].ant2, 2);
    EXPECT_EQ(h.baselines.back().ant1, 116);
    EXPECT_EQ(h.antennas.size(), 117u);
    EXPECT_EQ(h.subbands[0].first_channel, 720);
    EXPECT_EQ(h.centres.front().kind, PhaseReference::meridian);
    EXPECT_THROW(simulated_header(scene.telescope, {118, 1, 1, 1, Radians(0), MjdSeconds(0)}), Error);
    EXPECT_THROW(simulated_header(find_telescope("nothing"), {}), Error);
}

TEST(Simulator, SourcesLieApartWithinAFactorOfTen)
{
    Direction const centre{degrees(0.05), degrees(85)};
    auto const sources = random_sources({30, centre, degrees(1.2), 2, 0, 9});
    ASSERT_EQ(sources.size(), 30u);
    for (auto const& s : sources) {
        EXPECT_LT(separation(s.direction, centre).value(), 1.2 * degree_rad);
        EXPECT_GE(s.flux_jy, 0.2);
        EXPECT_LE(s.flux_jy, 2);
    }
    EXPECT_THROW(random_sources({100000, centre, degrees(1), 1, 0, 1}), Error);
}

TEST(Simulator, GainsMultiplyAsConjugateOfOneTimesTwo)
{
    Scene const scene;
    InstrumentOptions options;
    auto const clean = scene.make(options);
    options.gain_amplitude_std = 0.2, options.gain_phase_std_rad = 1, options.delay_std_s = 3e-9,
    options.bandpass_ripple = 0.1;
    options.drift_amplitude = 0.05, options.drift_phase_rad = 0.3;
    auto const vis = scene.make(options);
    Instrument const instrument(scene.header, options);
    Index const b = 7, t = 2, c = 40, p = 1,
                nc = std::ssize(scene.header.freq_hz);  // the second and the fourth antenna
    auto gain = [&](Index a) {
        return instrument.bandpass()[(a * 2 + p) * nc + c] * instrument.drift()[(t * 117 + a) * 2 + p];
    };
    auto const [ant1, ant2] = scene.header.baselines[b];
    ASSERT_EQ(ant1, 29);  // five antennas spread over 117
    ASSERT_EQ(ant2, 87);
    auto const& v0 = clean[scene.at(t, b, c, p)];
    auto const expected = std::conj(gain(ant1)) * gain(ant2) * std::complex<float>(v0.re, v0.im);
    EXPECT_NEAR(vis[scene.at(t, b, c, p)].re, expected.real(), 1e-5);
    EXPECT_NEAR(vis[scene.at(t, b, c, p)].im, expected.imag(), 1e-5);
    EXPECT_GT(std::abs(expected - std::complex<float>(v0.re, v0.im)), 1e-2F);
}

TEST(Simulator, NoiseFollowsTheRadiometerAndAutocorrelationsCarryTheSystem)
{
    Scene scene(12);
    scene.sources.clear();
    InstrumentOptions options;
    options.sefd_jy = 5800;
    auto const vis = scene.make(options);
    double const sigma = 5800 / std::sqrt(2 * 244140.625 * 12.884901888);
    double cross = 0, cross_n = 0, autos = 0, autos_n = 0;
    for (Index t = 0; t < 3; ++t)
        for (Index b = 0; b < std::ssize(scene.header.baselines); ++b)
            for (Index c = 0; c < 64; ++c) {
                auto const& v = vis[scene.at(t, b, c, 0)];
                if (scene.header.baselines[b].ant1 == scene.header.baselines[b].ant2) {
                    ASSERT_EQ(v.im, 0);
                    autos += v.re, autos_n += 1;
                } else {
                    cross += v.re * v.re + v.im * v.im, cross_n += 2;
                }
            }
    EXPECT_NEAR(std::sqrt(cross / cross_n), sigma, 4 * sigma / std::sqrt(2 * cross_n));
    EXPECT_NEAR(autos / autos_n, 5800, 1);
}

TEST(Simulator, RowsDoNotDependOnHowTheBandIsCut)
{
    Scene const scene;
    InstrumentOptions options;
    options.sefd_jy = 5800, options.rfi_fraction = 0.05, options.zero_fraction = 0.1, options.gain_phase_std_rad = 1;
    auto const once = scene.make(options, 32, 32), again = scene.make(options, 32, 32);
    for (std::size_t i = 0; i < once.size(); ++i) {
        ASSERT_EQ(once[i].re, again[i].re);
        ASSERT_EQ(once[i].im, again[i].im);
    }
    options.sefd_jy = 0, options.zero_fraction = 0;
    auto const part = scene.make(options, 32, 32), whole = scene.make(options);
    for (Index b = 0; b < std::ssize(scene.header.baselines); ++b)
        for (Index c = 0; c < 32; ++c)
            ASSERT_NEAR(part[(b * 32 + c) * 2].re, whole[scene.at(0, b, 32 + c, 0)].re, 1e-5);
}

TEST(Simulator, InterferenceZerosAndDeadAntennasAreWhereTheTruthSays)
{
    Scene scene;
    scene.sources.resize(1);
    InstrumentOptions options;
    options.rfi_fraction = 0.1, options.zero_fraction = 0.2, options.dead = {58};
    auto const vis = scene.make(options);
    Instrument const instrument(scene.header, options);
    double hit = 0, zeros = 0, total = 0;
    for (float jy : instrument.rfi_jy()) hit += jy > 0;
    EXPECT_GE(hit / static_cast<double>(instrument.rfi_jy().size()), 0.1);
    EXPECT_LT(hit / static_cast<double>(instrument.rfi_jy().size()), 0.3);  // the last event may be a large one
    for (Index t = 0; t < 3; ++t)
        for (Index b = 0; b < std::ssize(scene.header.baselines); ++b)
            for (Index c = 0; c < 64; ++c) {
                auto const& v = vis[scene.at(t, b, c, 0)];
                auto const [a1, a2] = scene.header.baselines[b];
                if (a1 == 58 || a2 == 58) {
                    ASSERT_EQ(v.re, 0);
                    continue;
                }
                zeros += v.re == 0 && v.im == 0, total += 1;
                double const level = std::hypot(v.re, v.im), rfi = instrument.rfi_jy()[t * 64 + c];
                if (level > 0) {
                    ASSERT_NEAR(level, rfi, 1.01) << "one source of at most 1 Jy beside the interference";
                }
            }
    EXPECT_NEAR(zeros / total, 0.2, 0.1);
    options.dead = {117};
    EXPECT_THROW(Instrument(scene.header, options), Error);
}

}  // namespace
}  // namespace nocturne
