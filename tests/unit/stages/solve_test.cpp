// Stage `solve` on simulated groups of twelve antennas: what it finds against the gains that were put in, its errors against what it missed by,
// and what it refuses.
#include "tests/unit/stages/solve_scene.hpp"

#include <random>

namespace nocturne {
namespace {

using namespace solve_scene;

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
