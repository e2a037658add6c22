// Charts of solutions: every channel is in them, lines break where nothing was solved, each hand has its own.
#include "driver/report_calibration.hpp"

#include "qa/figures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace nocturne {
namespace {

CalTable bandpass(std::size_t channels)
{
    CalTable table;
    table.kind = CalKind::bandpass;
    for (int a = 0; a < 3; ++a) table.antennas.push_back({std::to_string(a), a, {}, 4.65});
    table.correlations = {Correlation::XX, Correlation::YY};
    table.intervals.resize(1);
    for (std::size_t c = 0; c < channels; ++c) table.freq_hz.push_back(1.3e9 + 1e5 * static_cast<double>(c));
    table.channel_width_hz.assign(channels, 1e5);
    table.gain.assign(table.size(), 1.0F);
    table.flag.assign(table.size(), 0);
    table.solves.assign(2 * channels, {5, true, 1.F});
    return table;
}

ReportLines const& chart(std::vector<ReportLines> const& all, std::string const& name)
{
    auto const found = std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.name == name; });
    if (found == all.end()) throw std::runtime_error("no chart " + name);
    return *found;
}

float greatest(ReportLine const& line)
{
    float most = -1e9F;
    for (auto const& [x, y] : line) most = std::max(most, y);
    return most;
}

TEST(ReportCalibration, EveryChannelIsDrawn)
{
    for (std::size_t channels : {100U, 384U, 768U, 6145U})
        for (std::size_t odd : {std::size_t(0), std::size_t(1), channels / 4 + 5, channels - 1}) {
            auto table = bandpass(channels);
            table.gain[table.at(0, 2, 1, odd)] = 3;
            table.solves[channels + odd].reduced_chi2 = 40;
            auto const all = solution_lines({table});
            auto const& line = chart(all, "bandpass-amplitude-YY").lines[2];
            EXPECT_EQ(greatest(line), 3) << channels << " " << odd;
            EXPECT_LE(line.size(), 256U);
            EXPECT_EQ(greatest(chart(all, "residuals").lines[1]), 40) << channels << " " << odd;
            EXPECT_EQ(greatest(chart(all, "bandpass-amplitude-XX").lines[2]), 1);
            EXPECT_TRUE(std::is_sorted(line.begin(), line.end(), [](auto& a, auto& b) { return a[0] < b[0]; }));
        }
}

/// A sample of a dead antenna is one that is flagged "by hand, dead, …": which they are stands below.
TEST(ReportCalibration, AntennasThatHearNothingAreNamed)
{
    GroupState state;
    state.flag_account.emplace();
    state.flag_account->n_integrations = state.flag_account->n_channels = 1;
    state.flag_account->cross_flagged = {1}, state.flag_account->cross_total = {2};
    state.flag_account->dead = {42, 7};
    state.flag_account->deaf = {{11, Correlation::YY}};
    GroupReport report;
    describe_calibration(report, state);
    EXPECT_EQ(report.deaf, (std::vector<std::string>{"42", "7", "11 in YY"}));
    report.samples.used = 1;
    EXPECT_NE(render_report(report).find("Antennas that hear nothing: 42, 7, 11 in YY"), std::string::npos);
}

TEST(ReportCalibration, LinesBreakWhereNothingWasSolved)
{
    auto table = bandpass(384);
    for (std::size_t c = 200; c < 224; ++c) table.flag[table.at(0, 1, 0, c)] = 1;
    auto const all = solution_lines({table});
    auto const& drawn = chart(all, "bandpass-amplitude-XX");
    auto const breaks = [](ReportLine const& line) {
        return std::count_if(line.begin(), line.end(), [](auto const& p) { return std::isnan(p[1]); });
    };
    EXPECT_EQ(breaks(drawn.lines[1]), 2);
    EXPECT_EQ(breaks(drawn.lines[0]), 0);
    auto torn = bandpass(384);  // a subband that the axis does not hold
    for (std::size_t c = 200; c < 384; ++c) torn.freq_hz[c] += 5e6;
    EXPECT_EQ(breaks(chart(solution_lines({torn}), "bandpass-phase-YY").lines[1]), 1);
    EXPECT_EQ(breaks(chart(solution_lines({torn}), "residuals").lines[0]), 1);
    auto const svg = draw_lines(drawn);
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    auto const path = svg.find("<path class=\"line one\"", svg.find("<path class=\"line one\"") + 1);
    auto const second = svg.substr(path, svg.find('\n', path) - path);
    EXPECT_EQ(std::count(second.begin(), second.end(), 'M'), 2);
    ReportLines one{"", "", {drawn.lines[1]}, ReportMark::line, ""};
    auto const picture = picture_of_lines(one);
    auto const coloured = [&](std::size_t column) {
        for (std::size_t row = 40; row < 460; ++row) {
            auto const* const p = &picture.rgb[3 * (row * static_cast<std::size_t>(picture.width) + column)];
            if (p[0] != p[1] || p[1] != p[2]) return true;
        }
        return false;
    };
    auto const column_of = [](std::size_t channel) { return 78 + 860 * channel / 383; };
    EXPECT_TRUE(coloured(column_of(100)));
    EXPECT_FALSE(coloured(column_of(212)));
}

TEST(ReportCalibration, OddLinesAreNamedAndNamesDoNotTouch)
{
    ReportLines drawn{"", "", {}, ReportMark::line, ""};
    for (int a = 0; a < 40; ++a) {
        float const y = a == 7 ? 9.F : a == 12 ? -5.F : 0.01F * static_cast<float>(a);
        drawn.lines.push_back({{0, 0}, {1, y}, {2, static_cast<float>(NAN)}});
        drawn.names.push_back("#" + std::to_string(a));
    }
    drawn.lines[3] = {{0, static_cast<float>(NAN)}, {1, static_cast<float>(NAN)}};  // without solutions
    auto const named = names_beside(drawn, 0.5);
    ASSERT_EQ(named.size(), 3U);
    EXPECT_EQ(named[0].line, 7U);
    EXPECT_EQ(named[1].line, 12U);
    for (std::size_t i = 0; i < named.size(); ++i)
        for (std::size_t k = 0; k < i; ++k) EXPECT_GE(std::abs(named[i].y - named[k].y), 0.5);
    EXPECT_NE(draw_lines(drawn).find(">#7</text>"), std::string::npos);
    EXPECT_EQ(names_beside(drawn, 0).size(), 39U);
    auto const picture = picture_of_lines(drawn);
    drawn.names.clear();
    EXPECT_TRUE(names_beside(drawn, 0).empty());
    EXPECT_NE(picture_of_lines(drawn).rgb, picture.rgb);
}

TEST(ReportCalibration, AHandWithoutSolutionsShowsThatItHasNone)
{
    auto table = bandpass(40);
    for (std::size_t a = 0; a < 3; ++a)
        for (std::size_t c = 0; c < 40; ++c) table.flag[table.at(0, a, 1, c)] = 1;
    auto const all = solution_lines({table});
    EXPECT_EQ(chart(all, "bandpass-phase-XX").title,
              "Bandpass XX: phases in degrees, a line an antenna (its number beside it).");
    auto const& gone = chart(all, "bandpass-phase-YY");
    EXPECT_EQ(gone.title, "Bandpass YY: phases in degrees: no solutions.");
    EXPECT_NE(draw_lines(gone), "");
    EXPECT_GT(picture_of_lines(gone).width, 0);
}

}  // namespace
}  // namespace nocturne
