// Stage `solve` on simulated groups of twelve antennas: what it finds against the gains that were put in, its errors against what it missed by,
// and what it refuses.
#include "nocturne/stage.hpp"
#include "sky/catalogue.hpp"
#include "sky/phasing.hpp"
#include "sky/simulator.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <random>

#include <unistd.h>

namespace nocturne {
namespace {

using Given = std::map<std::string, ParamValue>;
using Complex = std::complex<double>;

/// Everything in one block: 12 stations of DSA-110, 8 integrations, 64 channels, XX and YY, one source at the centre.
struct Scene {
    GroupState state;
    std::optional<Instrument> instrument;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight{1};
    std::string model = ::testing::TempDir() + "solve_model_" + std::to_string(getpid()) + ".csv";
    VisBlock block;

    ~Scene() { std::remove(model.c_str()); }
    explicit Scene(InstrumentOptions const& options, double flux_jy = 20)
    {
        auto const telescope = load_telescope(NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml");
        ObservationOptions observation;
        observation.antennas = 12;
        observation.integrations = 8;
        observation.subbands = 4;
        observation.channels = 16;
        observation.dec = degrees(54.6);
        observation.start = MjdSeconds(61000.3 * day_s);
        state.header = simulated_header(telescope, observation);
        state.header.group_id = "2026-03-01T05:00:00";
        auto const earth = EarthOrientation::load("");
        Source source;
        source.name = "CAL";
        source.direction = default_centre(state.header, earth);
        source.flux_jy = flux_jy;
        std::ofstream(model) << sources_csv({source});
        Predictor const sky(state.header, {source}, {}, earth);
        instrument.emplace(state.header, options);
        Index const nt = 8, nb = std::ssize(state.header.baselines), nc = 64;
        vis.resize(static_cast<std::size_t>(nt * nb * nc * 2));
        flag.resize(vis.size());
        auto const view = make_view(vis.data(), nt, nb, nc, Index(2));
        Simulator(state.header, sky, *instrument).fill(0, nc, view);
        block = {0,
                 view,
                 make_view(flag.data(), nt, nb, nc, Index(2)),
                 make_constant_view<float const>(weight.data(), nt, nb, nc, Index(2)),
                 {}};
    }

    std::vector<CalTable> const& solve(Given given = {})
    {
        given.try_emplace("model", model);
        auto const& type = stage_type("solve");
        auto passes = type.make(Params(type.params, given));
        for (auto& pass : passes) pass->prepare(state);
        for (auto& pass : passes)
            if (pass->scope() == Scope::block)
                pass->run(block, state);
            else
                pass->run(state);
        return state.solutions;
    }

    Index station(CalTable const& table, std::size_t antenna) const
    {
        for (Index a = 0; a < std::ssize(state.header.antennas); ++a)
            if (state.header.antennas[static_cast<std::size_t>(a)].number == table.antennas[antenna].number) return a;
        return -1;
    }
    /// The gain put in; integration −1: without the drift.
    Complex truth(CalTable const& table, std::size_t antenna, Index hand, Index channel, Index integration) const
    {
        Index const a = station(table, antenna), na = std::ssize(state.header.antennas);
        Complex const band = instrument->bandpass()[static_cast<std::size_t>((a * 2 + hand) * 64 + channel)];
        if (integration < 0) return band;
        return band * Complex(instrument->drift()[static_cast<std::size_t>((integration * na + a) * 2 + hand)]);
    }
};

InstrumentOptions usual(double sefd_jy)
{
    InstrumentOptions options;
    options.gain_amplitude_std = 0.15;
    options.gain_phase_std_rad = 1;
    options.delay_std_s = 5e-9;
    options.bandpass_ripple = 0.1;
    options.sefd_jy = sefd_jy;
    return options;
}

/// The product of all tables at a channel and an integration of eight.
Complex total(std::vector<CalTable> const& tables, std::size_t a, std::size_t p, std::size_t c, std::size_t t,
              double freq_hz)
{
    Complex g = 1;
    for (auto const& table : tables) {
        if (table.kind == CalKind::delay)
            g *= std::polar(1.0, 2 * pi * (freq_hz - table.reference_hz) * table.delay_s[table.at(0, a, p, 0)]);
        else if (table.kind == CalKind::bandpass)
            g *= Complex(table.gain[table.at(0, a, p, c)]);
        else
            g *= Complex(table.gain[table.at(t * table.intervals.size() / 8, a, p, 0)]);
    }
    return g;
}

/// Σ over antennas of solved / true has its phase taken off; returns each antenna's relative error.
std::vector<Complex> errors(Scene const& scene, std::vector<CalTable> const& tables, Index p, Index c, Index t)
{
    std::vector<Complex> ratio;
    Complex sum;
    auto const& first = tables.front();
    for (std::size_t a = 0; a < first.antennas.size(); ++a) {
        Complex const got = total(tables, a, static_cast<std::size_t>(p), static_cast<std::size_t>(c),
                                  static_cast<std::size_t>(t), scene.state.header.freq_hz[static_cast<std::size_t>(c)]);
        ratio.push_back(got / scene.truth(first, a, p, c, t));
        sum += ratio.back() / std::abs(ratio.back());
    }
    for (auto& r : ratio) r = r * std::conj(sum) / std::abs(sum) - 1.0;
    return ratio;
}

TEST(Solve, FindsWhatWasPutIn)
{
    Scene scene(usual(0));
    for (auto const* types : {"K,B,G", "B,G", "B", "K,B"}) {
        SCOPED_TRACE(types);
        auto const& tables = scene.solve({{"types", std::string(types)}});
        for (Index p = 0; p < 2; ++p)
            for (Index c = 0; c < 64; ++c)
                for (auto error : errors(scene, tables, p, c, 3)) EXPECT_LT(std::abs(error), 2e-5);
    }
}

TEST(Solve, GainsFollowADrift)
{
    auto options = usual(0);
    options.drift_phase_rad = 0.7;
    options.drift_amplitude = 0.05;
    Scene scene(options);
    auto const& tables = scene.solve({{"types", std::string("B,G")}, {"solint", 1.0}, {"prebp-solint", 1.0}});
    ASSERT_EQ(tables.size(), 2U);
    EXPECT_EQ(tables[1].intervals.size(), 8U);
    for (Index t = 0; t < 8; ++t)
        for (Index c : {0, 31, 63})
            for (auto error : errors(scene, tables, 1, c, t)) EXPECT_LT(std::abs(error), 1e-3) << t << " " << c;
}

TEST(Solve, DelaysStandInTheirTable)
{
    Scene scene(usual(0));
    auto const tables = scene.solve({{"types", std::string("K")}});
    ASSERT_EQ(tables.size(), 1U);
    auto const& table = tables.front();
    auto const reference = static_cast<std::size_t>(table.reference_antenna);
    auto const& freq = scene.state.header.freq_hz;
    for (std::size_t a = 0; a < table.antennas.size(); ++a) {
        auto const turn = [&](std::size_t antenna) {
            return std::arg(scene.truth(table, antenna, 0, 1, -1) * std::conj(scene.truth(table, antenna, 0, 0, -1)));
        };
        double const expected = (turn(a) - turn(reference)) / (2 * pi * (freq[1] - freq[0]));
        EXPECT_NEAR(table.delay_s[table.at(0, a, 0, 0)], expected, 1e-11);
    }
}

TEST(Solve, ErrorsAreWhatTheySay)
{
    double amplitude = 0, phase = 0, n = 0, bound = 0, missed = 0;
    for (std::uint64_t seed : {1, 2, 3}) {
        auto options = usual(8000);
        options.seed = seed;
        Scene scene(options);
        auto const& tables = scene.solve({{"types", std::string("B")}});
        auto const& table = tables.front();
        for (std::size_t p = 0; p < 2; ++p)
            for (std::size_t c = 0; c < 64; ++c) {
                auto const missing = errors(scene, tables, static_cast<Index>(p), static_cast<Index>(c), 0);
                for (std::size_t a = 0; a < table.antennas.size(); ++a) {
                    auto const k = table.at(0, a, p, c);
                    ASSERT_EQ(table.flag[k], 0);
                    double const relative = table.amplitude_error[k] / std::abs(Complex(table.gain[k]));
                    amplitude += std::pow(missing[a].real() / relative, 2);
                    phase += std::pow(missing[a].imag() / table.phase_error_rad[k], 2);
                    bound += relative * relative + std::pow(table.phase_error_rad[k], 2);
                    missed += std::norm(missing[a]);
                    n += 1;
                }
            }
    }
    EXPECT_NEAR(amplitude / n, 1, 0.07);  // 4608 squares: 0.02; columns share their noise
    EXPECT_NEAR(phase / n, 1, 0.07);
    EXPECT_NEAR(std::sqrt(missed / bound), 1, 0.035);
}

TEST(Solve, DeadAndFlaggedAntennasHaveNoSolution)
{
    auto options = usual(3000);
    Scene plain(options);
    auto const live = plain.solve({{"types", std::string("B")}}).front().antennas;
    Index const dead = plain.station(plain.state.solutions.front(), 3),
                flagged = plain.station(plain.state.solutions.front(), 7);
    options.dead = {static_cast<int>(dead)};
    Scene scene(options);
    for (Index b = 0; b < scene.block.n_baselines(); ++b) {
        auto const pair = scene.state.header.baselines[static_cast<std::size_t>(b)];
        if (pair.ant1 != flagged && pair.ant2 != flagged) continue;
        for (Index t = 0; t < 8; ++t)
            for (Index i = 0; i < 128; ++i) scene.block.flag(t, b, i / 2, i % 2) = flag_rfi;
    }
    auto const& tables = scene.solve();
    for (auto const& table : tables)
        for (std::size_t a = 0; a < table.antennas.size(); ++a)
            EXPECT_EQ(table.flag[table.at(0, a, 0, 0)], a == 3 || a == 7 ? 1 : 0) << name(table.kind) << " " << a;
    EXPECT_NE(tables.front().reference_antenna, 3);
    EXPECT_NE(tables.front().reference_antenna, 7);
}

TEST(Solve, ReferenceGaugeGivesTheReferencePhaseZero)
{
    Scene scene(usual(3000));
    auto const& tables = scene.solve({{"types", std::string("B")}, {"gauge", std::string("reference")}});
    auto const& table = tables.front();
    for (std::size_t c = 0; c < 64; ++c)
        EXPECT_NEAR(std::arg(table.gain[table.at(0, static_cast<std::size_t>(table.reference_antenna), 0, c)]), 0,
                    1e-6);
    EXPECT_EQ(table.gauge, Gauge::reference);
}

TEST(Solve, ChannelsWithoutDataHaveNoSolution)
{
    Scene scene(usual(1000));
    for (Index t = 0; t < 8; ++t)
        for (Index b = 0; b < scene.block.n_baselines(); ++b)
            for (Index c = 0; c < 32; ++c)
                for (Index p = 0; p < 2; ++p) scene.block.flag(t, b, c, p) = flag_missing;
    auto const& tables = scene.solve();
    auto const& band = tables[1];
    for (std::size_t c : {0, 31, 32, 63}) EXPECT_EQ(band.flag[band.at(0, 5, 1, c)], c < 32 ? 1 : 0);
    EXPECT_EQ(tables[0].flag[tables[0].at(0, 5, 1, 0)], 0);
    EXPECT_EQ(tables[2].flag[tables[2].at(0, 5, 1, 0)], 0);
}

/// rms of (solved − true) / true over every antenna, hand and channel.
double missed(Scene& scene, Given const& given)
{
    auto const& tables = scene.solve(given);
    double sum = 0, n = 0;
    for (Index p = 0; p < 2; ++p)
        for (Index c = 0; c < 64; ++c)
            for (auto error : errors(scene, tables, p, c, 0)) {
                sum += std::norm(error);
                n += 1;
            }
    return std::sqrt(sum / n);
}

TEST(Solve, RobustWeightsBearOutliers)
{
    Given const plain{{"types", std::string("B")}}, robust{{"types", std::string("B")}, {"robust-freedom", 5.0}};
    Scene clean(usual(3000));
    double const bound = missed(clean, plain);
    EXPECT_LT(missed(clean, robust), 1.06 * bound);  // 0.92 of the information of normal noise
    Scene hit(usual(3000));
    std::mt19937 random(4);
    std::normal_distribution<float> normal;
    for (auto& v : hit.vis)
        if (random() % 33 == 0) v = {v.re + 60 * normal(random), v.im + 60 * normal(random)};
    EXPECT_GT(missed(hit, plain), 3 * bound);
    EXPECT_LT(missed(hit, robust), 1.1 * bound);
}

TEST(Solve, RobustErrorsAreWhatTheySay)
{
    double squares = 0, n = 0;
    for (std::uint64_t seed : {1, 2, 3}) {
        auto options = usual(8000);
        options.seed = seed;
        Scene scene(options);
        auto const& tables = scene.solve({{"types", std::string("B")}, {"robust-freedom", 5.0}});
        auto const& table = tables.front();
        for (std::size_t p = 0; p < 2; ++p)
            for (std::size_t c = 0; c < 64; ++c) {
                auto const missing = errors(scene, tables, static_cast<Index>(p), static_cast<Index>(c), 0);
                for (std::size_t a = 0; a < table.antennas.size(); ++a) {
                    auto const k = table.at(0, a, p, c);
                    squares +=
                        std::pow(missing[a].real() * std::abs(Complex(table.gain[k])) / table.amplitude_error[k], 2);
                    squares += std::pow(missing[a].imag() / table.phase_error_rad[k], 2);
                    n += 2;
                }
            }
    }
    EXPECT_NEAR(squares / n, 1, 0.06);
}

Code refusal(Scene& scene, Given const& given)
{
    try {
        scene.solve(given);
    } catch (Error const& error) {
        return error.code();
    }
    return Code::defect;
}

/// The catalogue's calibrator, and what else of it matters through the beam.
TEST(Solve, TheModelHoldsTheCalibratorAndWhatElseIsSeen)
{
    Scene scene(usual(0));
    auto const centre = default_centre(scene.state.header, EarthOrientation::load(""));
    auto const beside = [&](double deg, double jy, char const* name) {
        return Source{name, {centre.ra, centre.dec + degrees(deg)}, jy, -0.7};
    };
    std::string const path = ::testing::TempDir() + "solve_model.sqlite";
    auto const under_the_pole = [&](double dec_deg, char const* name) {  // 53° is the horizon there
        return Source{name, {centre.ra + degrees(180), degrees(dec_deg)}, 1e8, -0.7};
    };
    write_catalogue(path,
                    {beside(0, 20, "CAL"), beside(-1.5, 5, "NEAR"), beside(0.1, 0.1, "FAINT"), beside(3.3, 30, "NULL"),
                     beside(-4.4, 60, "SIDELOBE"), under_the_pole(60, "LOW"), under_the_pole(45, "SET")},
                    "a test");
    Given const given{{"model", std::string()}, {"model-catalog", path}, {"types", std::string("B")}};
    auto const text = scene.solve(given).front().model;
    EXPECT_NE(text.find("CAL"), std::string::npos) << text;
    EXPECT_NE(text.find("NEAR"), std::string::npos) << text;
    EXPECT_EQ(text.find("FAINT"), std::string::npos) << text;
    EXPECT_EQ(text.find("NULL"), std::string::npos) << text;
    EXPECT_NE(text.find("SIDELOBE"), std::string::npos) << text;
    EXPECT_EQ(text.find("SET"), std::string::npos) << text;
    EXPECT_EQ(text.rfind("LOW", 0), 0U) << "the brightest as it is seen stands first: " << text;
    Given nearby = given;
    nearby["model-field"] = 3.0;
    EXPECT_EQ(scene.solve(nearby).front().model.find("SIDELOBE"), std::string::npos);
    write_catalogue(path, {beside(2, 20, "FAR")}, "a test");
    Scene far(usual(0));
    EXPECT_EQ(refusal(far, given), Code::bad_input);
}

TEST(Solve, RefusesWhatCannotBeSolved)
{
    Scene scene(usual(1000));
    EXPECT_EQ(refusal(scene, {{"types", std::string("D")}}), Code::bad_config);
    EXPECT_EQ(refusal(scene, {{"uv-min", 1e6}}), Code::bad_input);
    EXPECT_EQ(refusal(scene, {{"model", std::string("/nonexistent.csv")}}), Code::input_missing);
    Scene faint(usual(1000), 1e-30);
    EXPECT_EQ(refusal(faint, {}), Code::bad_input);
    scene.state.uvw_m.assign(3, 0.0);
    EXPECT_EQ(refusal(scene, {}), Code::bad_config);
    scene.state.uvw_m.clear();
    std::fill(scene.flag.begin(), scene.flag.end(), std::uint8_t(flag_file));
    EXPECT_EQ(refusal(scene, {}), Code::bad_input);
}

}  // namespace
}  // namespace nocturne
