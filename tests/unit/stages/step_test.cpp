// Between two solved moments: one wrong channel changes no other, delays of any size tear nothing, what failed is not filled.
#include "stages/apply/step.hpp"

#include "nocturne/units.hpp"
#include "stages/apply/factors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

/// Antennas that turn by a phase and a delay (ns, rms) each, in frames that are anybody's, channel by channel.
struct Drift {
    Drift(std::vector<double> freq, std::size_t antennas, double delay_ns, double noise, unsigned seed = 1)
        : freq_hz(std::move(freq)), n_antennas(antennas), random(seed)
    {
        std::normal_distribution<double> normal;
        std::uniform_real_distribution<double> any(-pi, pi);
        std::vector<double> frame(freq_hz.size());
        for (double& phase : frame) phase = any(random);
        for (std::size_t a = 0; a < n_antennas; ++a) {
            double const turn = 0.6 * normal(random), delay = delay_ns * 1e-9 * normal(random);
            for (std::size_t c = 0; c < freq_hz.size(); ++c) {
                double const begin = any(random), of = freq_hz[c] - (freq_hz.front() + freq_hz.back()) / 2;
                double const moved = turn + 2 * pi * of * delay;
                before.gain.push_back(std::polar(1.0, begin + noise * normal(random)));
                after.gain.push_back(std::polar(2.0, begin + moved + frame[c] + noise * normal(random)));
                middle.push_back(std::polar(1.5, begin + moved / 2));
            }
        }
    }
    /// Each antenna's own sine along the band, of two cycles.
    void ripple(double amplitude)
    {
        std::uniform_real_distribution<double> any(-pi, pi);
        std::size_t const nc = freq_hz.size();
        for (std::size_t a = 0; a < n_antennas; ++a) {
            double const begin = any(random);
            for (std::size_t c = 0; c < nc; ++c) {
                double const cycles = 2 * static_cast<double>(c) / static_cast<double>(nc);
                double const moved = amplitude * std::sin(begin + 2 * pi * cycles);
                after.gain[a * nc + c] *= std::polar(1.0, moved);
                middle[a * nc + c] *= std::polar(1.0, moved / 2);
            }
        }
    }
    void spoil(std::size_t antenna, std::size_t c)
    {
        std::uniform_real_distribution<double> any(-pi, pi);
        after.gain[antenna * freq_hz.size() + c] *= std::polar(1.0, any(random));
    }
    std::vector<double> freq_hz;
    std::size_t n_antennas;
    std::mt19937 random;
    Solution before, after;
    std::vector<Complex> middle;  ///< the truth half way

    Step step() const { return {before, after, 1, BandLine(freq_hz)}; }

    /// Largest error of a baseline's gain half way, of channels where `counts`; what has no solution is left out where `may_lack`.
    template<class Counts>
    double worst(Step const& step, Counts const& counts, bool may_lack = false) const
    {
        double most = 0;
        std::size_t const nc = freq_hz.size();
        for (std::size_t c = 0; c < nc; ++c)
            for (std::size_t a = 0; a < n_antennas; ++a)
                for (std::size_t b = 0; b < a; ++b) {
                    if (!counts(a, c) || !counts(b, c)) continue;
                    Complex const g = step.at(a * nc + c, 0.5) * std::conj(step.at(b * nc + c, 0.5));
                    if (may_lack && g == 0.0) continue;
                    Complex const wanted = middle[a * nc + c] * std::conj(middle[b * nc + c]);
                    most = std::max(most, std::abs(g / wanted - 1.0));
                }
        return most;
    }
};

bool everything(std::size_t, std::size_t) { return true; }

std::vector<double> channels(std::size_t n, double first_hz, double width_hz)
{
    std::vector<double> made;
    for (std::size_t c = 0; c < n; ++c) made.push_back(first_hz + width_hz * static_cast<double>(c));
    return made;
}

TEST(Step, AWrongChannelChangesNoOther)
{
    for (unsigned seed = 1; seed <= 20; ++seed) {
        Drift drift(channels(96, 1.311e9, 1.95e6), 12, 1.5, 0.05, seed);
        auto const wrong = [](std::size_t c) { return c % 10 == 0; };
        for (std::size_t a = 0; a < drift.n_antennas; ++a)
            for (std::size_t c = 0; c < 96; ++c)
                if (wrong(c)) drift.spoil(a, c);
        auto const step = drift.step();
        EXPECT_LT(drift.worst(step, [&](std::size_t, std::size_t c) { return !wrong(c); }), 0.4) << seed;
        EXPECT_GT(step.doubts().strays, 90) << seed << ", of 120 wrong ones";
    }
}

TEST(Step, AChannelThatStraysHasNoSolutionAndIsCounted)
{
    Drift drift(channels(64, 1.311e9, 1e6), 8, 1, 0.02);
    for (std::size_t c : {5U, 6U, 40U}) drift.after.gain[3 * 64 + c] *= std::polar(1.0, 2.5);
    auto const step = drift.step();
    EXPECT_EQ(step.doubts().strays, 3);
    EXPECT_EQ(step.at(3 * 64 + 40, 0.5), 0.0);
    EXPECT_TRUE(step.doubts().unclear.empty());
    EXPECT_LT(drift.worst(step, everything, true), 0.2);
}

/// B of two intervals, in whose first one channel of one antenna is wrong.
CalTable bandpass_with_a_wrong_channel(GroupHeader const& h, std::size_t antenna, std::size_t channel)
{
    CalTable made;
    made.kind = CalKind::bandpass;
    made.antennas = h.antennas;
    made.correlations = h.correlations;
    made.freq_hz = h.freq_hz;
    made.channel_width_hz = h.channel_width_hz;
    for (std::size_t i = 0; i < 2; ++i) {
        double const middle = 1000 + 100 * static_cast<double>(i);
        made.intervals.push_back({middle - 15, middle + 15, middle});
        for (std::size_t a = 0; a < h.antennas.size(); ++a)
            for (std::size_t c = 0; c < h.freq_hz.size(); ++c) {
                bool const wrong = i == 0 && a == antenna && c == channel;
                made.gain.emplace_back(std::polar(1.0, 0.3 * static_cast<double>(a) + (wrong ? 2.9 : 0)));
                made.flag.push_back(false);
            }
    }
    return made;
}

TEST(Step, BeyondTheLastMomentItsOwnSolutionHoldsForAStrayToo)
{
    GroupHeader h;
    for (int a = 0; a < 8; ++a) h.antennas.push_back({"A" + std::to_string(a), a, {}, 4.65});
    h.freq_hz = channels(32, 1.3e9, 1e6);
    h.channel_width_hz.assign(32, 1e6);
    h.integration_s.assign(4, 10);
    h.correlations = {Correlation::XX};
    h.time_mjd_s = {900, 1050, 1200, 1300};
    auto const table = bandpass_with_a_wrong_channel(h, 3, 20);
    auto const phase = [&](GainSeries const& series, Index t) {
        Complex const g(series.gain[series.at(t, 3, 20, 0)]), one(series.gain[series.at(t, 0, 20, 0)]);
        return g == 0.0 ? 10 : std::arg(g * std::conj(one));
    };
    auto const series = gain_series({table}, CalKind::bandpass, {h});
    EXPECT_NEAR(phase(series, 0), 3.8 - 2 * pi, 1e-5);
    EXPECT_EQ(phase(series, 1), 10) << "between them nobody knows";
    EXPECT_NEAR(phase(series, 2), 0.9, 1e-5);
    EXPECT_EQ(series.doubts.strays, 1);
    auto const last = product_at({&table}, 1100, {h}).gain;
    EXPECT_NEAR(std::arg(Complex(last[3 * 32 + 20]) * std::conj(Complex(last[20]))), 0.9, 1e-5);
    h.time_mjd_s = {1150, 1200, 1250, 1300};
    EXPECT_EQ(gain_series({table}, CalKind::bandpass, {h}).doubts.strays, 0) << "nothing lies between them";
}

TEST(Step, DelaysOfAnySizeTearNothing)
{
    for (double delay_ns : {5.0, 20.0, 60.0})
        for (unsigned seed = 1; seed <= 5; ++seed) {
            Drift drift(channels(192, 1.311e9, 0.976e6), 16, delay_ns, 0.03, seed);
            EXPECT_LT(drift.worst(drift.step(), everything), 0.3) << delay_ns << " " << seed;
        }
}

TEST(Step, RipplesOfEachAntennaAreNoDelays)
{
    for (double degrees : {30.0, 50.0})
        for (unsigned seed = 1; seed <= 8; ++seed) {
            Drift drift(channels(192, 1.311e9, 0.976e6), 15, 0.5, 0, seed);
            drift.ripple(degrees * pi / 180);
            EXPECT_LT(drift.worst(drift.step(), everything), 0.01) << degrees << " " << seed;
        }
}

TEST(Step, GapsOfTheBandAndFewChannelsTakeTheShortestDelay)
{
    auto ends = channels(8, 1.3e9, 1e6);
    for (double f : channels(8, 1.48e9, 1e6)) ends.push_back(f);
    auto uneven = channels(5, 1.3e9, 1.3e6);
    for (double f : channels(20, 1.32e9, 0.7e6)) uneven.push_back(f);
    struct Case {
        std::vector<double> freq_hz;
        double delay_ns;
    };
    for (auto const& [freq_hz, delay_ns] : {Case{ends, 0.3}, Case{uneven, 5}, Case{channels(6, 1.3e9, 1e6), 20},
                                            Case{channels(2, 1.3e9, 1e6), 50}, Case{channels(1, 1.3e9, 1e6), 0}})
        for (unsigned seed = 1; seed <= 5; ++seed) {
            Drift drift(freq_hz, 12, delay_ns, 0.02, seed);
            EXPECT_LT(drift.worst(drift.step(), everything), 0.25) << freq_hz.size() << " " << seed;
        }
}

TEST(Step, AnAntennaWithoutSenseIsNamedAndHarmsNoOther)
{
    Drift drift(channels(96, 1.311e9, 1.95e6), 10, 3, 0.05);
    for (std::size_t c = 0; c < 96; ++c) drift.spoil(0, c);
    auto const step = drift.step();
    EXPECT_EQ(step.doubts().unclear, std::set<std::size_t>{0});
    EXPECT_GT(step.doubts().agreement, 0.5);
    EXPECT_LT(drift.worst(step, [](std::size_t a, std::size_t) { return a != 0; }), 0.4);
}

TEST(Step, MissingChannelsRunAsThoseBesideThem)
{
    Drift drift(channels(96, 1.311e9, 1.95e6), 12, 4, 0.02);
    for (std::size_t a = 0; a < 12; ++a)
        for (std::size_t c = 0; c < 96; ++c)
            if (c % 14 == 3) (c % 28 == 3 ? drift.before : drift.after).gain[a * 96 + c] = 0;
    for (std::size_t c = 32; c < 45; ++c) drift.before.gain[4 * 96 + c] = 0;
    EXPECT_LT(drift.worst(drift.step(), everything), 0.2);
}

constexpr std::size_t n_antennas = 4, n_times = 24, n_intervals = 8;  // three integrations each

GroupHeader header()
{
    GroupHeader h;
    for (int a = 0; a < static_cast<int>(n_antennas); ++a) h.antennas.push_back({"A" + std::to_string(a), a, {}, 4.65});
    h.freq_hz = channels(4, 1.3e9, 1e6);
    h.channel_width_hz.assign(4, 1e6);
    for (std::size_t t = 0; t < n_times; ++t) h.time_mjd_s.push_back(1000 + 10 * static_cast<double>(t));
    h.integration_s.assign(n_times, 10);
    h.correlations = {Correlation::XX};
    return h;
}

double phase_of(std::size_t a, double time) { return 0.002 * (static_cast<double>(a) - 1.5) * (time - 1000); }

/// G in intervals that each have a frame of their own; antenna 2 failed in some.
CalTable gains(std::set<std::size_t> const& failed)
{
    auto const h = header();
    CalTable made;
    made.kind = CalKind::gain;
    made.antennas = h.antennas;
    made.correlations = h.correlations;
    made.freq_hz = {1.3015e9};
    made.channel_width_hz = {4e6};
    for (std::size_t i = 0; i < n_intervals; ++i) {
        double const middle = 1010 + 30 * static_cast<double>(i);
        made.intervals.push_back({middle - 15, middle + 15, middle});
        for (std::size_t a = 0; a < n_antennas; ++a) {
            bool const lost = a == 2 && failed.count(i) > 0;
            made.gain.emplace_back(std::polar(1.0, lost ? 0 : phase_of(a, middle) + 2.1 * static_cast<double>(i * i)));
            made.flag.push_back(lost);
        }
    }
    return made;
}

/// As solved, 'f'lagged or 'w'rong at each integration: antenna 2 against antenna 0.
std::string course(std::set<std::size_t> const& failed)
{
    auto const h = header();
    auto const series = gain_series({gains(failed)}, CalKind::gain, {h});
    std::string found;
    for (std::size_t t = 0; t < n_times; ++t) {
        auto const i = static_cast<Index>(t);
        Complex const g(series.gain[series.at(i, 2, 0, 0)]), one(series.gain[series.at(i, 0, 0, 0)]);
        double const at = std::clamp(h.time_mjd_s[t], 1010.0, 1220.0);
        auto const wrong = std::arg(g * std::conj(one) * std::polar(1.0, phase_of(0, at) - phase_of(2, at)));
        found += g == 0.0 ? 'f' : std::abs(wrong) < 1e-5 ? '.' : 'w';
        if (t % 3 == 2) found += ' ';
    }
    return found;
}

TEST(Step, WhatFailedInAnIntervalIsFlaggedThereAndRunsStraightAroundIt)
{
    EXPECT_EQ(course({}), "... ... ... ... ... ... ... ... ");
    EXPECT_EQ(course({3}), "... ... ... fff ... ... ... ... ");
    EXPECT_EQ(course({2, 3, 4, 5}), "... ... fff fff fff fff ... ... ");
    EXPECT_EQ(course({1, 3}), "... fff ... fff ... ... ... ... ");
}

TEST(Step, WhatFailedAtAnEndIsFlaggedThereAndHeldBeyond)
{
    // Its phase against the others is that of the nearest interval that has it: right at its middle alone.
    EXPECT_EQ(course({0, 1}).substr(0, 9), "fff fff w");
    EXPECT_EQ(course({0, 1}).substr(9), ".. ... ... ... ... ... ");
    EXPECT_EQ(course({7}), "... ... ... ... ... ... ..w fff ");
    auto const table = gains({6, 7});
    auto const last = product_at({&table}, table.intervals.back().time_mjd_s, {header()});
    ASSERT_GT(std::abs(last.gain[2 * 4]), 0) << "stands for the set toward the next one";
}

}  // namespace
}  // namespace nocturne
