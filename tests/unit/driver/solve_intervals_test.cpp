// Intervals are cut shorter where turned_gains drift by more than their errors, and only there.
#include "driver/solve_intervals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace nocturne {
namespace {

constexpr std::size_t n_antennas = 20, n_intervals = 5;
constexpr float error = 0.01F;

/// Phases that turn by `turn` an interval, each antenna its own way, and noise of the stated error.
CalTable turned_gains(double turn, double fade)
{
    std::mt19937 random(1);
    std::normal_distribution<double> normal(0, error);
    CalTable table;
    table.kind = CalKind::gain;
    for (std::size_t a = 0; a < n_antennas; ++a)
        table.antennas.push_back({std::to_string(a), static_cast<int>(a), {}, 4.65});
    table.correlations = {Correlation::XX, Correlation::YY};
    table.freq_hz = {1.4e9};
    table.channel_width_hz = {1e8};
    for (std::size_t i = 0; i < n_intervals; ++i) {
        double const start = 60.0 * static_cast<double>(i);
        table.intervals.push_back({start, start + 60, start + 30});
        for (std::size_t k = 0; k < 2 * n_antennas; ++k) {
            double const sign = k / 2 % 2 == 0 ? 1 : -1, steps = static_cast<double>(i);
            table.gain.emplace_back(
                std::polar(std::exp(sign * fade * steps + normal(random)), sign * turn * steps + normal(random)));
        }
    }
    table.amplitude_error.assign(table.size(), error);
    table.phase_error_rad.assign(table.size(), error);
    table.flag.assign(table.size(), 0);
    return table;
}

Job job(std::string const& follow = "true")
{
    return make_job("solve", {"read", "solve"}, {{}, {{"follow-drift", follow}}});
}

double interval_of(FinerJob const& finer) { return finer.job.tasks.back().params.number("solint"); }

TEST(SolveIntervals, StayWhereNothingDrifts)
{
    EXPECT_FALSE(follow_drift(job(), {turned_gains(0, 0)}, 12));
    EXPECT_FALSE(follow_drift(job(), {turned_gains(0.7 * error, 0)}, 12));
    EXPECT_FALSE(follow_drift(job("false"), {turned_gains(1, 0)}, 12));
    EXPECT_FALSE(follow_drift(job(), {turned_gains(1, 0)}, 60)) << "one integration each already";
    EXPECT_FALSE(follow_drift(job(), {}, 12));
}

TEST(SolveIntervals, AreAsMuchShorterAsGainsDrift)
{
    auto const finer = follow_drift(job(), {turned_gains(3 * error, 0)}, 12);
    ASSERT_TRUE(finer);
    EXPECT_NEAR(interval_of(*finer), 20, 1.5);
    EXPECT_FALSE(follow_drift(finer->job, {turned_gains(1, 0)}, 12)) << "it asks but once";
    auto const fading = follow_drift(job(), {turned_gains(0, 3 * error)}, 12);
    ASSERT_TRUE(fading);
    EXPECT_NEAR(interval_of(*fading), 20, 1.5);
    EXPECT_NE(fading->note.find("%"), std::string::npos) << fading->note;
    EXPECT_EQ(interval_of(*follow_drift(job(), {turned_gains(0.5, 0)}, 12)), 12) << "no shorter than an integration";
}

TEST(SolveIntervals, TheErrorsOfTheBandpassCount)
{
    auto band = turned_gains(0, 0);
    band.kind = CalKind::bandpass;
    band.intervals.resize(1);
    band.gain.resize(band.size());
    band.amplitude_error.assign(band.size(), 5 * error);
    band.phase_error_rad.assign(band.size(), 5 * error);
    band.flag.assign(band.size(), 0);
    EXPECT_FALSE(follow_drift(job(), {band, turned_gains(3 * error, 0)}, 12));
}

}  // namespace
}  // namespace nocturne
