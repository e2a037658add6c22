// The verdict on solutions: each threshold fails its own case, and a good set passes.
#include "qa/solution_quality.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

namespace nocturne {
namespace {

CalTable gains()
{
    CalTable table;
    table.kind = CalKind::gain;
    for (int a = 0; a < 12; ++a) table.antennas.push_back({std::to_string(a), a, {}, 4.65});
    table.telescope = table.antennas;
    table.correlations = {Correlation::XX, Correlation::YY};
    table.intervals.resize(5);
    table.freq_hz = {1.4e9};
    table.channel_width_hz = {1e8};
    table.gain.assign(table.size(), 1.0F);
    table.phase_error_rad.assign(table.size(), 0.01F);
    table.flag.assign(table.size(), 0);
    return table;
}

TEST(SolutionQuality, AGoodSetPasses)
{
    auto const quality = judge_solutions({gains()});
    EXPECT_EQ(quality.verdict, QualityVerdict::pass) << (quality.reasons.empty() ? "" : quality.reasons.front());
    EXPECT_NEAR(quality.tables[0].mean_snr, 100, 1e-3);
    EXPECT_EQ(quality.tables[0].n_antennas, 12);
    EXPECT_NEAR(quality.tables[0].phase_scatter_deg, 0, 1e-3);
}

TEST(SolutionQuality, WhatToDoFitsTheReason)
{
    auto lost = gains();
    lost.kind = CalKind::bandpass;
    lost.intervals.resize(1);
    lost.freq_hz.assign(20, 1.4e9);
    for (std::size_t c = 0; c < 20; ++c) lost.freq_hz[c] += 1e6 * static_cast<double>(c);
    lost.channel_width_hz.assign(20, 1e6);
    lost.band_there = 1;
    lost.gain.assign(lost.size(), 1.0F);
    lost.phase_error_rad.assign(lost.size(), 0.01F);
    lost.flag.assign(lost.size(), 0);
    for (std::size_t a = 0; a < 12; ++a)
        for (std::size_t p = 0; p < 2; ++p)
            for (std::size_t c = 4; c < 20; ++c) lost.flag[lost.at(0, a, p, c)] = 1;
    auto const missing = remedy(judge_solutions({lost}), "how");
    EXPECT_NE(missing.find("flag less of the band"), std::string::npos) << missing;
    auto noisy = gains();
    noisy.phase_error_rad.assign(noisy.size(), 0.3F);
    EXPECT_EQ(remedy(judge_solutions({noisy}), "how"), "flag more (how), or take a brighter calibrator");
}

// Half of what the files brought is too much, however the share is rounded; other limits are passed at, not beyond.
TEST(SolutionQuality, HalfTheBandIsAFailure)
{
    auto const lacking = [](std::size_t lost, std::size_t n, double there) {
        auto table = gains();
        table.kind = CalKind::bandpass;
        table.intervals.resize(1);
        table.freq_hz.assign(n, 1.4e9);
        for (std::size_t c = 0; c < n; ++c) table.freq_hz[c] += 1e6 * static_cast<double>(c);
        table.channel_width_hz.assign(n, 1e6);
        table.band_there = there;
        table.gain.assign(table.size(), 1.0F);
        table.phase_error_rad.assign(table.size(), 0.01F);
        table.flag.assign(table.size(), 0);
        for (std::size_t k = 0; k < table.size(); ++k) table.flag[k] = k % n < lost;
        return judge_solutions({table});
    };
    auto const half = lacking(8, 16, 1);
    EXPECT_EQ(half.verdict, QualityVerdict::fail);
    ASSERT_EQ(half.reasons.size(), 1U);
    EXPECT_EQ(half.reasons[0], "B: missing fraction of the band 0.5, and the limit is 0.5");
    EXPECT_TRUE(half.band_lost);
    EXPECT_EQ(lacking(29, 42, 26. / 42).verdict, QualityVerdict::fail) << "13 of the 26 that came, and 16 that did not";
    EXPECT_EQ(lacking(28, 42, 26. / 42).verdict, QualityVerdict::warn);
    EXPECT_EQ(lacking(7, 16, 1).verdict, QualityVerdict::warn);
    EXPECT_EQ(lacking(4, 16, 1).verdict, QualityVerdict::pass);
    EXPECT_EQ(lacking(8, 16, std::numeric_limits<double>::quiet_NaN()).verdict, QualityVerdict::warn);
}

TEST(SolutionQuality, EachThresholdHasItsCase)
{
    std::vector<std::pair<char const*, std::function<void(CalTable&)>>> const cases{
        {"mean SNR", [](CalTable& t) { t.phase_error_rad.assign(t.size(), 0.3F); }},
        {"antennas",
         [](CalTable& t) {
             for (std::size_t i = 0; i < 5; ++i)
                 for (std::size_t a = 0; a < 5; ++a)
                     for (std::size_t p = 0; p < 2; ++p) t.flag[t.at(i, a, p, 0)] = 1;
         }},
        {"flagged fraction",
         [](CalTable& t) {
             for (std::size_t i = 0; i < 3; ++i)
                 for (std::size_t a = 0; a < 12; ++a)
                     for (std::size_t p = 0; p < 2; ++p) t.flag[t.at(i, a, p, 0)] = 1;
         }},
        {"amplitudes",
         [](CalTable& t) {
             for (std::size_t k = 0; k < t.size(); k += 10) t.gain[k] = 20;
         }},
        {"phase scatter", [](CalTable& t) {
             for (std::size_t k = 0; k < t.size(); ++k) t.gain[k] = std::polar(1.F, 2.4F * static_cast<float>(k / 24));
         }}};
    for (auto const& [word, spoil] : cases) {
        auto table = gains();
        spoil(table);
        auto const quality = judge_solutions({table});
        EXPECT_EQ(quality.verdict, QualityVerdict::fail) << word;
        ASSERT_EQ(quality.reasons.size(), 1U) << word;
        EXPECT_NE(quality.reasons[0].find(word), std::string::npos) << quality.reasons[0];
    }
    auto delays = gains();
    delays.kind = CalKind::delay;
    delays.delay_s.assign(delays.size(), 6e-7);
    delays.delay_s[delays.at(0, 7, 1, 0)] = -1.3e-6;
    delays.flag[delays.at(0, 3, 0, 0)] = 1, delays.delay_s[delays.at(0, 3, 0, 0)] = 2e-6;
    auto const quality = judge_solutions({delays});
    EXPECT_EQ(quality.verdict, QualityVerdict::fail);
    ASSERT_FALSE(quality.reasons.empty());
    EXPECT_EQ(quality.reasons.front(), "K: largest delay in ns 1.3e+03 (antenna 7 YY), more than 500");
    delays.antennas[7].name = "ea08", delays.antennas[7].number = -1;  // of a table of CASA
    EXPECT_EQ(judge_solutions({delays}).reasons.front(),
              "K: largest delay in ns 1.3e+03 (antenna ea08 YY), more than 500");
}

// Power that noise does not explain matters where it is a share of the model, too: a bright calibrator is never explained to the noise.
TEST(SolutionQuality, WhatTheModelDoesNotExplain)
{
    struct {
        double ratio, share;
        QualityVerdict verdict;
    } const cases[]{{1.1, 0.5, QualityVerdict::pass}, {400, 0.001, QualityVerdict::pass},
                    {2, 0.05, QualityVerdict::warn},  {400, 0.05, QualityVerdict::warn},
                    {2, 0.5, QualityVerdict::warn},   {4, 0.2, QualityVerdict::fail}};
    for (auto const& one : cases) {
        auto table = gains();
        table.kind = CalKind::bandpass;
        table.unexplained_ratio = {1, one.ratio};
        table.unexplained_share = {0, one.share};
        auto const quality = judge_solutions({table});
        EXPECT_EQ(quality.verdict, one.verdict) << one.ratio << " " << one.share;
        EXPECT_EQ(quality.tables[0].unexplained_ratio, one.ratio);
        ASSERT_EQ(quality.reasons.size(), one.verdict == QualityVerdict::pass ? 0U : 1U);
        for (auto const& reason : quality.reasons) {
            EXPECT_EQ(reason.find("B: model and gains leave"), 0U) << reason;
            EXPECT_NE(reason.find("(YY)"), std::string::npos) << reason;
        }
        table.kind = CalKind::gain;  // as of self-calibration: no failure
        EXPECT_EQ(judge_solutions({table}).verdict, std::min(one.verdict, QualityVerdict::warn));
        bool const looks = remedy(quality, "how").find("look at the model") != std::string::npos;
        EXPECT_EQ(looks, one.verdict == QualityVerdict::fail);
    }
    EXPECT_TRUE(std::isnan(judge_solutions({gains()}).tables[0].unexplained_ratio));
}

// A hand that is gone, or wrong, is half of the table: the other hand's figures are no excuse.
TEST(SolutionQuality, EachHandIsJudgedByItself)
{
    std::mt19937 random(3);
    std::uniform_real_distribution<float> phase(-3, 3);
    std::vector<std::pair<char const*, std::function<void(CalTable&, std::size_t)>>> const cases{
        {"G: flagged fraction 1 (YY), more than 0.5", [](CalTable& t, std::size_t k) { t.flag[k] = 1; }},
        {"G: mean SNR 4 (YY), less than 5", [](CalTable& t, std::size_t k) { t.phase_error_rad[k] = 0.25F; }},
        {"G: fraction of amplitudes out of range 0.1 (YY), more than 0.05",
         [](CalTable& t, std::size_t k) { t.gain[k] = k % 20 == 1 ? 30.F : 1.F; }},
        {"G: phase scatter in degrees",
         [&](CalTable& t, std::size_t k) { t.gain[k] = std::polar(1.F, phase(random)); }}};
    for (auto const& [words, spoil] : cases) {
        auto table = gains();
        for (std::size_t k = 1; k < table.size(); k += 2) spoil(table, k);
        auto const quality = judge_solutions({table});
        EXPECT_EQ(quality.verdict, QualityVerdict::fail) << words;
        ASSERT_FALSE(quality.reasons.empty()) << words;
        EXPECT_EQ(quality.reasons.back().find(words), 0U) << quality.reasons.back();
        EXPECT_NE(quality.reasons.back().find("(YY)"), std::string::npos) << quality.reasons.back();
        EXPECT_EQ(quality.tables[0].hands[0].flagged_fraction, 0);
    }
    auto few = gains();  // two antennas with one hand alone
    for (std::size_t i = 0; i < 5; ++i)
        for (std::size_t a : {3U, 4U}) few.flag[few.at(i, a, 1, 0)] = 1;
    EXPECT_EQ(judge_solutions({few}).verdict, QualityVerdict::pass);
}

// No comparison with NaN holds, so what is not a number must not be compared.
TEST(SolutionQuality, WhatIsNotFiniteOrHasNoErrorCountsAsFlagged)
{
    float const nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<std::pair<char const*, std::function<void(CalTable&)>>> const cases{
        {"gains", [&](CalTable& t) { t.gain.assign(t.size(), nan); }},
        {"infinite gains", [&](CalTable& t) { t.gain.assign(t.size(), INFINITY); }},
        {"gains of 0", [&](CalTable& t) { t.gain.assign(t.size(), 0); }},
        {"errors", [&](CalTable& t) { t.phase_error_rad.assign(t.size(), nan); }},
        {"no errors", [&](CalTable& t) { t.phase_error_rad.assign(t.size(), 0); }}};
    for (auto const& [word, spoil] : cases) {
        auto table = gains();
        table.solves.assign(10, {5, true, 2.F});
        EXPECT_EQ(judge_solutions({table}).verdict, QualityVerdict::pass);
        spoil(table);
        auto const quality = judge_solutions({table});
        EXPECT_EQ(quality.verdict, QualityVerdict::fail) << word;
        EXPECT_EQ(quality.tables[0].flagged_fraction, 1) << word;
        EXPECT_EQ(quality.tables[0].broken_fraction, 1) << word;
    }
    auto foreign = gains();  // no noise, no errors: made by somebody who states neither
    foreign.phase_error_rad.assign(foreign.size(), 0);
    EXPECT_EQ(judge_solutions({foreign}).verdict, QualityVerdict::pass);
    auto delays = gains();
    delays.kind = CalKind::delay;
    delays.delay_s.assign(delays.size(), 1e-9);
    delays.delay_s[delays.at(0, 7, 1, 0)] = std::numeric_limits<double>::quiet_NaN();
    auto const quality = judge_solutions({delays});
    EXPECT_EQ(quality.verdict, QualityVerdict::warn);
    ASSERT_EQ(quality.reasons.size(), 1U);
    EXPECT_EQ(quality.reasons[0], "K: fraction that is not finite or has no error 0.0167 (YY), more than 0");
}

CalTable bandpass()
{
    auto table = gains();
    table.kind = CalKind::bandpass;
    table.intervals.resize(1);
    table.freq_hz.clear();
    for (int c = 0; c < 160; ++c) table.freq_hz.push_back(1.3e9 + 1e6 * c);
    table.channel_width_hz.assign(160, 1e6);
    table.gain.clear();
    std::mt19937 random(7);
    std::normal_distribution<float> noise(0, 0.02F);
    for (std::size_t k = 0; k < table.size(); ++k)
        table.gain.push_back(1 + 0.3F * std::sin(0.05F * static_cast<float>(k % 160)) + noise(random));
    table.amplitude_error.assign(table.size(), 0.02F);
    table.phase_error_rad.assign(table.size(), 0.02F);
    table.flag.assign(table.size(), 0);
    return table;
}

TEST(SolutionQuality, ChannelsAndPartsOfABandpassAreWarnedOf)
{
    auto table = bandpass();
    EXPECT_EQ(judge_solutions({table}).reasons, std::vector<std::string>{});
    for (std::size_t a = 0; a < 12; ++a) table.gain[table.at(0, a, 1, 101)] *= 1.15F;
    table.gain[table.at(0, 4, 0, 50)] = 3;  // one antenna's own is no channel's
    auto quality = judge_solutions({table});
    EXPECT_EQ(quality.verdict, QualityVerdict::warn);
    EXPECT_EQ(quality.reasons,
              std::vector<std::string>{"B: channels off their neighbours by 5 % 1 (1401.0 MHz), more than 0"});
    table = bandpass();
    for (std::size_t a = 0; a < 12; ++a)
        for (std::size_t c = 20; c < 27; ++c) table.flag[table.at(0, a, 0, c)] = 1;
    EXPECT_EQ(judge_solutions({table}).reasons,
              std::vector<std::string>{
                  "B: sixteenths of the band of which half is flagged 1 (1320.0-1329.0 MHz), more than 0"});
    for (std::size_t a = 0; a < 12; ++a)
        for (std::size_t c = 20; c < 29; ++c) table.flag[table.at(0, a, 0, c)] = 1;
    quality = judge_solutions({table});
    EXPECT_EQ(quality.tables[0].lost_parts, 1);
    EXPECT_EQ(quality.reasons.size(), 2U);
}

TEST(SolutionQuality, DoubtsAreWarnings)
{
    auto table = gains();
    table.phase_error_rad.assign(table.size(), 0.15F);
    auto const quality = judge_solutions({table});
    EXPECT_EQ(quality.verdict, QualityVerdict::warn);
    EXPECT_EQ(quality.reasons.size(), 1U);
}

}  // namespace
}  // namespace nocturne
