// Jones matrices through the stages `solve` and `apply` on ten antennas with four correlations and a model column: what was put in is found, the stated
// errors are those it makes, a corrected sky is the model again; and what is refused.
#include "nocturne/stage.hpp"
#include "sky/simulator.hpp"
#include "tests/unit/stages/travel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace nocturne {
namespace {

using Given = std::map<std::string, ParamValue>;
using Complex = std::complex<double>;
using Matrix = std::array<Complex, 4>;

Matrix product(Matrix const& a, Matrix const& b)
{
    return {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]};
}
Matrix adjoint(Matrix const& a) { return {std::conj(a[0]), std::conj(a[2]), std::conj(a[1]), std::conj(a[3])}; }

enum class Light { unpolarised, polarised };

constexpr Index nt = 6, nc = 8, n_antennas = 10;

struct Scene {
    GroupState state;
    std::vector<Vis> vis, model;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight{1};
    std::vector<Matrix> jones;  ///< [antenna][channel]
    VisBlock block;

    Scene(Light light, double noise, unsigned seed = 1)
    {
        auto const telescope = load_telescope(NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml");
        ObservationOptions observation;
        observation.antennas = n_antennas;
        observation.integrations = nt;
        observation.subbands = 1;
        observation.channels = nc;
        observation.dec = degrees(54.6);
        observation.start = MjdSeconds(61000.3 * day_s);
        state.header = simulated_header(telescope, observation);
        state.header.group_id = "2026-03-01T05:00:00";
        state.header.correlations = {Correlation::XX, Correlation::YY, Correlation::XY, Correlation::YX};
        std::mt19937 random(seed);
        std::normal_distribution<double> normal;
        auto const any = [&](double size) { return size * Complex(normal(random), normal(random)); };
        for (std::size_t k = 0; k < state.header.antennas.size() * nc; ++k) {
            Matrix j{std::polar(1 + 0.1 * normal(random), normal(random)), any(0.07), any(0.07), 0};
            j[3] = std::polar(1 + 0.1 * normal(random), normal(random));
            jones.push_back(j);
        }
        Index const nb = std::ssize(state.header.baselines);
        for (Index t = 0; t < nt; ++t)
            for (auto const& b : state.header.baselines)
                for (Index c = 0; c < nc; ++c) {
                    Complex const sky = std::polar(10.0, 0.3 * static_cast<double>(t * b.ant1 - c * b.ant2));
                    Matrix m{sky, 0, 0, sky};
                    if (light == Light::polarised)
                        m = {1.2 * sky, Complex(0.3, 0.2) * sky * std::polar(1.0, 0.2 * static_cast<double>(t)),
                             Complex(0.3, -0.2) * sky * std::polar(1.0, -0.2 * static_cast<double>(t)), 0.8 * sky};
                    auto const v = product(product(at(b.ant1, c), m), adjoint(at(b.ant2, c)));
                    for (std::size_t e : {0, 3, 1, 2}) {  // conjugated, in the order of the header
                        Complex const seen = v[e] + any(noise);
                        vis.push_back({static_cast<float>(seen.real()), static_cast<float>(-seen.imag())});
                        model.push_back({static_cast<float>(m[e].real()), static_cast<float>(-m[e].imag())});
                    }
                }
        flag.resize(vis.size());
        block = {0,
                 make_view(vis.data(), nt, nb, nc, Index(4)),
                 make_view(flag.data(), nt, nb, nc, Index(4)),
                 make_constant_view<float const>(weight.data(), nt, nb, nc, Index(4)),
                 {}};
        block.model = make_view<Vis const>(model.data(), nt, nb, nc, Index(4));
    }

    Matrix const& at(Index antenna, Index channel) const
    {
        return jones[static_cast<std::size_t>(antenna * nc + channel)];
    }

    void travel(std::string const& stage, Given const& given) { test::travel(stage, given, block, state); }
    CalTable const& solve(Given given = {})
    {
        given.try_emplace("types", std::string("J"));
        given.try_emplace("model-column", std::string("MODEL_DATA"));
        given.try_emplace("solint", 0.0);
        travel("solve", given);
        return state.solutions.front();
    }
};

Matrix matrix_of(CalTable const& table, std::size_t antenna, std::size_t channel)
{
    Matrix m;
    for (std::size_t e = 0; e < 4; ++e) m[e] = Complex(table.gain[table.at(0, antenna, e, channel)]);
    return m;
}

Index station(GroupHeader const& header, CalTable const& table, std::size_t antenna)
{
    for (Index a = 0; a < std::ssize(header.antennas); ++a)
        if (header.antennas[static_cast<std::size_t>(a)].number == table.antennas[antenna].number) return a;
    return -1;
}

/// What the solution predicts over what the truth does, of one baseline, for the model `m`.
double difference(Scene const& scene, CalTable const& table, std::size_t one, std::size_t two, Matrix const& m)
{
    double worst = 0;
    for (std::size_t c = 0; c < nc; ++c) {
        auto const got = product(product(matrix_of(table, one, c), m), adjoint(matrix_of(table, two, c)));
        auto const& header = scene.state.header;
        auto const put = product(product(scene.at(station(header, table, one), static_cast<Index>(c)), m),
                                 adjoint(scene.at(station(header, table, two), static_cast<Index>(c))));
        for (std::size_t e = 0; e < 4; ++e) worst = std::max(worst, std::abs(got[e] - put[e]));
    }
    return worst;
}

TEST(Jones, FindsWhatWasPutIn)
{
    Scene polarised(Light::polarised, 0), plain(Light::unpolarised, 0);
    auto const& table = polarised.solve();
    EXPECT_EQ(table.kind, CalKind::jones);
    ASSERT_EQ(table.correlations.size(), 4U);
    EXPECT_EQ(table.correlations[1], Correlation::XY);
    EXPECT_EQ(table.freq_hz.size(), std::size_t(nc));
    EXPECT_EQ(table.gauge, Gauge::reference);
    EXPECT_LT(difference(polarised, table, 1, 7, {1, 0.3, Complex(0.2, 0.5), 0.7}), 1e-4);
    EXPECT_LT(difference(plain, plain.solve(), 1, 7, {1, 0, 0, 1}), 1e-4);
}

TEST(Jones, TheReferenceIsHermitianWhereNothingElseIsFixed)
{
    Scene scene(Light::unpolarised, 0.5);
    auto const& table = scene.solve({{"jones-channels", std::int64_t(0)}, {"refant", std::string("3")}});
    EXPECT_EQ(table.freq_hz.size(), 1U);
    auto const j = matrix_of(table, static_cast<std::size_t>(table.reference_antenna), 0);
    EXPECT_NEAR(j[0].imag(), 0, 1e-5);
    EXPECT_NEAR(j[3].imag(), 0, 1e-5);
    EXPECT_NEAR(std::abs(j[1] - std::conj(j[2])), 0, 1e-5);
}

/// (solved − true) / σ of all parts of all elements, the phase that is free taken off by least squares.
TEST(Jones, ErrorsAreWhatTheySay)
{
    double squares = 0, n = 0;
    for (unsigned seed = 1; seed <= 12; ++seed) {
        Scene scene(Light::polarised, 1.0, seed);
        auto const& table = scene.solve();
        for (std::size_t c = 0; c < nc; ++c) {
            Complex turn;
            auto const truth = [&](std::size_t a) {
                return scene.at(station(scene.state.header, table, a), static_cast<Index>(c));
            };
            for (std::size_t a = 0; a < table.antennas.size(); ++a)
                for (std::size_t e = 0; e < 4; ++e) turn += std::conj(matrix_of(table, a, c)[e]) * truth(a)[e];
            turn /= std::abs(turn);
            for (std::size_t a = 0; a < table.antennas.size(); ++a)
                for (std::size_t e = 0; e < 4; ++e) {
                    auto const k = table.at(0, a, e, c);
                    ASSERT_EQ(table.flag[k], 0);
                    double const error = table.amplitude_error[k];
                    squares += std::norm(matrix_of(table, a, c)[e] * turn - truth(a)[e]) / (error * error);
                    n += 2;
                }
        }
    }
    EXPECT_NEAR(squares / n, 1, 0.05);  // 7680 squares, of which those of a column share their noise
    EXPECT_GT(n, 7000);
}

TEST(Jones, CorrectedDataAreTheModel)
{
    Scene scene(Light::polarised, 0);
    scene.solve();
    scene.flag[5] = flag_rfi;
    auto const before = scene.state.counts;
    scene.travel("apply", {});
    double worst = 0;
    for (std::size_t k = 0; k < scene.vis.size(); ++k)
        worst = std::max<double>(worst,
                                 std::hypot(scene.vis[k].re - scene.model[k].re, scene.vis[k].im - scene.model[k].im));
    EXPECT_LT(worst, 2e-3);
    for (std::size_t k : {4, 5, 6, 7}) EXPECT_NE(scene.flag[k], 0);
    EXPECT_EQ(scene.flag[8], 0);
    EXPECT_EQ(before.total(), scene.state.counts.total());
}

Code refusal(Scene& scene, std::string const& stage, Given const& given)
{
    try {
        if (stage == "solve")
            scene.solve(given);
        else
            scene.travel(stage, given);
    } catch (Error const& error) {
        return error.code();
    }
    return Code::defect;
}

TEST(Jones, RefusesWhatItCannotDo)
{
    Scene scene(Light::polarised, 0.1);
    EXPECT_EQ(refusal(scene, "solve", {{"types", std::string("J,G")}}), Code::bad_config);
    EXPECT_EQ(refusal(scene, "solve", {{"robust-freedom", 5.0}}), Code::bad_config);
    EXPECT_EQ(refusal(scene, "solve", {{"calmode", std::string("p")}}), Code::bad_config);
    EXPECT_EQ(refusal(scene, "solve", {{"solnorm", true}}), Code::bad_config);
    EXPECT_EQ(refusal(scene, "solve", {{"unbias", true}}), Code::bad_config);
    scene.solve();
    auto mixed = scene.state.solutions.front();
    mixed.kind = CalKind::gain;
    scene.state.solutions.push_back(mixed);
    EXPECT_EQ(refusal(scene, "apply", {}), Code::bad_config);
    scene.state.solutions.pop_back();
    scene.state.header.correlations[3] = Correlation::I;
    EXPECT_EQ(refusal(scene, "apply", {}), Code::bad_input);
    EXPECT_EQ(refusal(scene, "solve", {}), Code::bad_input);
    Scene files(Light::polarised, 0.1);
    files.block.model = {};
    EXPECT_EQ(refusal(files, "solve", {}), Code::bad_config);
}

}  // namespace
}  // namespace nocturne
