// Gains on top of gains: their product at every integration, whatever intervals each has.
#include "driver/compose_gains.hpp"

#include "nocturne/error.hpp"
#include "stages/apply/factors.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

GroupHeader header()
{
    GroupHeader h;
    for (int a = 0; a < 4; ++a) h.antennas.push_back({"A" + std::to_string(a), 10 + a, {}, 4.65});
    h.freq_hz = {1.4e9, 1.401e9};
    h.channel_width_hz.assign(2, 1e6);
    for (int t = 0; t < 6; ++t) h.time_mjd_s.push_back(1000.0 + 10 * t);
    h.integration_s.assign(6, 10);
    h.correlations = {Correlation::XX, Correlation::YY};
    return h;
}

/// The last `n` antennas of the header; phase `turn` × antenna × interval.
CalTable gains(std::size_t n, std::size_t intervals, double turn, double amplitude)
{
    auto const h = header();
    CalTable table;
    table.kind = CalKind::gain;
    table.antennas.assign(h.antennas.end() - static_cast<std::ptrdiff_t>(n), h.antennas.end());
    table.correlations = h.correlations;
    table.freq_hz = {1.4e9};
    table.channel_width_hz = {1e9};
    double const length = 60.0 / static_cast<double>(intervals);
    for (std::size_t i = 0; i < intervals; ++i) {
        double const start = 995 + length * static_cast<double>(i);
        table.intervals.push_back({start, start + length, start + length / 2});
        for (std::size_t k = 0; k < 2 * n; ++k) {
            int const antenna = table.antennas[k / 2].number - 10;
            table.gain.emplace_back(std::polar(amplitude, turn * antenna * static_cast<double>(i)));
        }
        table.solves.resize(table.solves.size() + 2);
    }
    table.amplitude_error.assign(table.size(), 0.01F);
    table.phase_error_rad.assign(table.size(), 0.02F);
    table.flag.assign(table.size(), 0);
    return table;
}

TEST(ComposeGains, IsTheProductAtEachIntegration)
{
    auto band = gains(4, 1, 0, 3);
    band.kind = CalKind::bandpass;
    auto const all = compose_gains(header(), {band, gains(4, 6, 0.1, 2)}, {gains(3, 1, 0, 0.5)});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].kind, CalKind::bandpass);
    auto const& g = all[1];
    ASSERT_EQ(g.intervals.size(), 6U);
    ASSERT_EQ(g.antennas.size(), 3U);
    // Phases run against their mean, which the series keeps: differences between antennas are what counts.
    for (std::size_t t = 0; t < 6; ++t)
        for (std::size_t p = 0; p < 2; ++p) {
            auto const one = g.gain[g.at(t, 0, p, 0)], two = g.gain[g.at(t, 2, p, 0)];
            EXPECT_NEAR(std::abs(one), 1, 1e-5);
            EXPECT_NEAR(std::arg(two * std::conj(one)), 0.1 * 2 * static_cast<double>(t), 1e-5) << t;
            EXPECT_NEAR(g.amplitude_error[g.at(t, 0, p, 0)], 0.02, 1e-6);
        }
}

TEST(ComposeGains, SeveralSetsBecomeOneThatRunsAsTheyDid)
{
    auto const h = header();
    auto const set = [&](std::string const& group, double time, double turn, double amplitude) {
        auto table = gains(4, 1, 0, amplitude);
        table.kind = CalKind::bandpass;
        table.group_id = group;
        table.freq_hz = h.freq_hz;
        table.channel_width_hz = h.channel_width_hz;
        table.intervals = {{time - 5, time + 5, time}};
        table.gain.clear();
        for (std::size_t k = 0; k < table.size(); ++k)
            table.gain.emplace_back(std::polar(amplitude, turn * static_cast<double>(k / 4) + amplitude));
        table.amplitude_error.assign(table.size(), 0.01F);
        table.phase_error_rad.assign(table.size(), 0.02F);
        table.flag.assign(table.size(), 0);
        return table;
    };
    auto const all = compose_gains(h, {set("one", 900, 0, 1), set("two", 1200, 0.6, 3)}, {gains(4, 1, 0, 0.5)});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].intervals.size(), 2U);
    EXPECT_NEAR(all[0].phase_error_rad[5], 0.02, 1e-6);
    auto const factors = gain_factors(solution_sets(all), {h});
    auto const total = [&](std::size_t t, std::size_t a) {
        return std::complex<double>(factors.band[((static_cast<std::size_t>(factors.slot[t]) * 4 + a) * 2 + 1) * 2]) *
               std::complex<double>(factors.drift[(t * 4 + a) * 2]);
    };
    for (std::size_t t = 0; t < 6; ++t) {
        double const w = (h.time_mjd_s[t] - 900) / 300;
        EXPECT_NEAR(std::abs(total(t, 2)), 0.5 * (1 + 2 * w), 1e-5);
        EXPECT_NEAR(std::arg(total(t, 3) * std::conj(total(t, 1))), 1.2 * w, 1e-5);
    }
}

TEST(ComposeGains, AloneTheyStayAndFlagsToo)
{
    auto found = gains(4, 2, 0.3, 1);
    found.flag[found.at(0, 1, 0, 0)] = 1;
    auto const all = compose_gains(header(), {}, {found});
    ASSERT_EQ(all.size(), 1U);
    for (std::size_t t = 0; t < 6; ++t) EXPECT_EQ(all[0].flag[all[0].at(t, 1, 0, 0)], t < 3 ? 1 : 0) << t;
}

TEST(ComposeGains, RefusesMoreThanGains)
{
    auto matrices = gains(4, 1, 0, 1);
    matrices.kind = CalKind::jones;
    EXPECT_THROW(compose_gains(header(), {matrices}, {gains(4, 1, 0, 1)}), Error) << "matrices would be lost";
    auto band = gains(4, 1, 0, 1);
    band.kind = CalKind::bandpass;
    EXPECT_THROW(compose_gains(header(), {}, {band}), Error);
    EXPECT_THROW(compose_gains(header(), {}, {band, gains(4, 1, 0, 1)}), Error);
}

}  // namespace
}  // namespace nocturne
