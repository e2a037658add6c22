// Stage `apply`: what solve found takes the instrument off again; between two sets amplitude and phase are interpolated, not complex gains.
#include "nocturne/stage.hpp"
#include "stages/apply/series.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

constexpr std::size_t na = 5, nc = 6, nt = 9;

GroupHeader header()
{
    GroupHeader h;
    h.group_id = "G";
    for (int a = 0; a < static_cast<int>(na); ++a) h.antennas.push_back({"A" + std::to_string(a), 10 + a, {}, 4.65});
    for (std::int32_t b = 1; b < static_cast<std::int32_t>(na); ++b)
        for (std::int32_t a = 0; a < b; ++a) h.baselines.push_back({a, b});
    for (std::size_t c = 0; c < nc; ++c) h.freq_hz.push_back(1.3e9 + 1e6 * static_cast<double>(c));
    h.channel_width_hz.assign(nc, 1e6);
    for (std::size_t t = 0; t < nt; ++t) h.time_mjd_s.push_back(1000.0 + 100 * static_cast<double>(t));
    h.integration_s.assign(nt, 100);
    h.correlations = {Correlation::XX, Correlation::YY};
    return h;
}

/// Antenna a: phase `turn` × (a − 2) + offset, so the mean over antennas is the offset; amplitude 1 + a/10, times `scale`.
CalTable bandpass(double time, double turn, double offset, double scale)
{
    auto const h = header();
    CalTable table;
    table.kind = CalKind::bandpass;
    table.antennas = h.antennas;
    table.correlations = h.correlations;
    table.intervals = {{time - 50, time + 50, time}};
    table.freq_hz = h.freq_hz;
    table.channel_width_hz = h.channel_width_hz;
    for (std::size_t a = 0; a < na; ++a)
        for (std::size_t k = 0; k < 2 * nc; ++k) {
            auto const x = static_cast<double>(a);
            table.gain.emplace_back(std::polar(scale * (1 + x / 10), turn * (x - 2) + offset));
            table.flag.push_back(0);
        }
    return table;
}

/// conj(g1) g2 at an integration.
Complex baseline_gain(GainSeries const& series, Index t, Index one, Index two)
{
    return std::conj(Complex(series.gain[series.at(t, one, 3, 1)])) * Complex(series.gain[series.at(t, two, 3, 1)]);
}

TEST(Apply, BetweenTwoSetsAmplitudeAndPhaseRunLinearly)
{
    auto const h = header();
    double const sixty = pi / 3;  // of every antenna against the next
    auto const series = gain_series({bandpass(1800, sixty, 2.5, 1), bandpass(1000, 0, -1, 1)}, CalKind::bandpass, {h});
    ASSERT_EQ(series.n_times, static_cast<Index>(nt));
    for (Index t = 0; t < static_cast<Index>(nt); ++t) {
        auto const got = baseline_gain(series, t, 1, 2);
        EXPECT_NEAR(std::abs(got), 1.1 * 1.2, 1e-6) << t;  // a mean of complex gains would lose 13 % in the middle
        EXPECT_NEAR(std::arg(got), sixty * static_cast<double>(t) / 8, 1e-6) << t;
    }
    auto const louder = gain_series({bandpass(1000, 0, 0, 1), bandpass(1800, 0, 0, 2)}, CalKind::bandpass, {h});
    EXPECT_NEAR(std::abs(baseline_gain(louder, 4, 0, 1)), 1.5 * 1.5 * 1.1, 1e-6);
}

TEST(Apply, OutsideTheSetsTheNearestHolds)
{
    auto const h = header();
    auto const series = gain_series({bandpass(1300, 0, 0, 1), bandpass(1500, 0.3, 0, 1)}, CalKind::bandpass, {h});
    EXPECT_NEAR(std::arg(baseline_gain(series, 0, 0, 1)), 0, 1e-6);
    EXPECT_NEAR(std::arg(baseline_gain(series, 8, 0, 1)), 0.3, 1e-6);
    EXPECT_NEAR(std::arg(baseline_gain(series, 4, 0, 1)), 0.15, 1e-6);
}

TEST(Apply, ChannelsAreMatchedByFrequency)
{
    auto h = header();
    for (double& f : h.freq_hz) f += 0.3e6;
    auto table = bandpass(1000, 0, 0, 1);
    for (std::size_t c = 0; c < nc; ++c) table.gain[table.at(0, 1, 0, c)] = static_cast<float>(1 + c);
    auto const nearest = gain_series({table}, CalKind::bandpass, {h});
    EXPECT_EQ(nearest.n_times, 1);
    EXPECT_NEAR(std::abs(nearest.gain[nearest.at(0, 1, 2, 0)]), 3, 1e-6);
    auto const linear = gain_series({table}, CalKind::bandpass, {h, FreqInterpolation::linear});
    EXPECT_NEAR(std::abs(linear.gain[linear.at(0, 1, 2, 0)]), 3.3, 1e-6);
    for (double& f : h.freq_hz) f += 0.4e6;
    auto const beyond = gain_series({table}, CalKind::bandpass, {h});
    EXPECT_EQ(beyond.gain[beyond.at(0, 1, 5, 0)], std::complex<float>(0));  // half a channel past the last
}

TEST(Apply, AntennasAreMatchedByNumberAndName)
{
    auto h = header();
    std::swap(h.antennas[0], h.antennas[3]);
    h.antennas[4].name = "other";
    auto const series = gain_series({bandpass(1000, 0, 0, 1)}, CalKind::bandpass, {h});
    EXPECT_NEAR(std::abs(series.gain[series.at(0, 0, 0, 0)]), 1.3, 1e-6);
    EXPECT_NEAR(std::abs(series.gain[series.at(0, 3, 0, 0)]), 1.0, 1e-6);
    EXPECT_EQ(series.gain[series.at(0, 4, 0, 0)], std::complex<float>(0));
}

struct Block {
    GroupState state;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight{3};
    VisBlock block;

    Block()
    {
        state.header = header();
        auto const nb = state.header.baselines.size();
        vis.assign(nt * nb * nc * 2, Vis{1, 0});
        flag.assign(vis.size(), 0);
        block = {0,
                 make_view(vis.data(), nt, nb, nc, std::size_t(2)),
                 make_view(flag.data(), nt, nb, nc, std::size_t(2)),
                 make_constant_view<float const>(weight.data(), nt, nb, nc, std::size_t(2)),
                 {}};
    }
    void apply()
    {
        auto const& type = stage_type("apply");
        auto passes = type.make(Params(type.params, {}));
        passes.front()->prepare(state);
        passes.front()->run(block, state);
        pass_ = std::move(passes.front());
    }

private:
    std::unique_ptr<Pass> pass_;  ///< owns the weights
};

TEST(Apply, TakesGainsOffVisibilitiesAndScalesWeights)
{
    Block in;
    in.state.solutions = {bandpass(1000, 0.4, 0, 1)};
    in.state.solutions[0].flag[in.state.solutions[0].at(0, 3, 1, 2)] = 1;
    in.apply();
    for (std::size_t b = 0; b < in.state.header.baselines.size(); ++b) {
        auto const [one, two] = in.state.header.baselines[b];
        double const size = (1 + one / 10.0) * (1 + two / 10.0);
        auto const v = in.block.vis(4, b, 2, 1);
        bool const lost = one == 3 || two == 3;
        EXPECT_EQ(in.block.flag(4, b, 2, 1), lost ? flag_static : 0);
        EXPECT_NEAR(in.block.weight(4, b, 2, 1), lost ? 0 : 3 * size * size, 1e-5);
        if (!lost) {
            EXPECT_NEAR(std::abs(Complex(v.re, v.im) - std::polar(1 / size, -0.4 * (two - one))), 0, 1e-6);
        }
    }
}

TEST(Apply, CrossHandsTakeAHandOfEachAntenna)
{
    auto h = header();
    h.correlations = {Correlation::XX, Correlation::XY};
    auto table = bandpass(1000, 0, 0, 1);
    for (std::size_t a = 0; a < na; ++a)
        for (std::size_t c = 0; c < nc; ++c) table.gain[table.at(0, a, 1, c)] = 7;  // YY
    auto const one = gain_series({table}, CalKind::bandpass, {h, FreqInterpolation::nearest, AntennaSide::one});
    auto const two = gain_series({table}, CalKind::bandpass, {h, FreqInterpolation::nearest, AntennaSide::two});
    EXPECT_NEAR(std::abs(one.gain[one.at(0, 2, 0, 1)]), 1.2, 1e-6);
    EXPECT_NEAR(std::abs(one.gain[one.at(0, 2, 0, 0)]), 1.2, 1e-6);
    EXPECT_NEAR(std::abs(two.gain[two.at(0, 2, 0, 1)]), 7, 1e-6);
    EXPECT_NEAR(std::abs(two.gain[two.at(0, 2, 0, 0)]), 1.2, 1e-6);
}

TEST(Apply, TablesOfSeveralWindowsServeTheirOwnChannels)
{
    auto const h = header();
    auto const gain = [&](double low, double high, double amplitude) {
        auto table = bandpass(1000, 0, 0, amplitude);
        table.kind = CalKind::gain;
        table.freq_hz = {(low + high) / 2};
        table.channel_width_hz = {high - low};
        table.gain.resize(table.size());
        table.flag.resize(table.size());
        for (auto& g : table.gain) g = static_cast<float>(amplitude);
        return table;
    };
    auto const series = gain_series({gain(1.3025e9, 1.31e9, 3), gain(1.29e9, 1.3015e9, 2)}, CalKind::gain, {h});
    ASSERT_EQ(series.n_channels, static_cast<Index>(nc));
    EXPECT_EQ(series.gain[series.at(0, 0, 1, 0)], std::complex<float>(2));
    EXPECT_EQ(series.gain[series.at(0, 0, 3, 0)], std::complex<float>(3));
    EXPECT_EQ(series.gain[series.at(0, 0, 2, 0)], std::complex<float>(0));  // between the windows
}

TEST(Apply, KeepsWhatItCorrectsForAMeasurementSetAndCountsWhatIsLost)
{
    Block in;
    in.state.solutions = {bandpass(1000, 0.4, 0, 1)};
    auto& flags = in.state.solutions[0].flag;
    for (std::size_t k = 0; k < 2 * nc; ++k) flags[in.state.solutions[0].at(0, 3, 0, 0) + k] = 1;
    in.state.write_block = [](VisBlock const&, GroupState const&) {};
    Index const samples = in.block.vis.size();
    in.state.counts.used = samples;
    in.apply();
    EXPECT_EQ(in.block.raw_vis(2, 1, 3, 1).re, 1);
    EXPECT_NE(in.block.vis(2, 1, 3, 1).re, 1);
    EXPECT_EQ(in.block.raw_weight(2, 1, 3, 1), 3);
    Index const lost = samples * static_cast<Index>(na - 1) / std::ssize(in.state.header.baselines);
    EXPECT_EQ(in.state.counts.used, samples - lost);
    EXPECT_EQ(in.state.counts.total(), samples);
    EXPECT_EQ(in.state.calibration->provenance, CalProvenance::bright_fallback_generated);
}

/// A standard that is merely in the field does not make the flux scale.
TEST(Apply, TheBrightestOfTheModelSaysWhatTheFluxScaleRestsOn)
{
    auto const fallback = CalProvenance::bright_fallback_generated, standard = CalProvenance::primary_transit_generated;
    for (auto const& [model, expected] :
         {std::pair("3C286 15.08 Jy at 202.78,30.51; 1326+319 4.8 Jy at 202.3,31.9", standard),
          std::pair("1326+319 4.8 Jy at 202.3,31.9; 3C286 15.08 Jy at 202.78,30.51", fallback),
          std::pair("3C480 2 Jy at 1,2", fallback), std::pair("column MODEL_DATA", fallback)}) {
        Block in;
        in.state.solutions = {bandpass(1000, 0.4, 0, 1)};
        in.state.solutions[0].model = model;
        in.state.write_block = [](VisBlock const&, GroupState const&) {};
        in.apply();
        EXPECT_EQ(in.state.calibration->provenance, expected) << model;
    }
}

TEST(Apply, FailsWithoutATable)
{
    Block in;
    EXPECT_THROW(in.apply(), Error);
}

}  // namespace
}  // namespace nocturne
