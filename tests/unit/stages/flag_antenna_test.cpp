// Stage `flag`: whose interference it is. One antenna's, dead or alive, is not the array's; a band that slopes or rolls off is nobody's.
#include "stages/flag/surroundings.hpp"
#include "tests/unit/stages/flag_scene.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace nocturne {
namespace {

using namespace flag_scene;

Baseline of(Simulated const& group, Index b) { return group.state.header.baselines[static_cast<std::size_t>(b)]; }

bool has(Simulated const& group, Index b, int antenna)
{
    return of(group, b).ant1 == antenna || of(group, b).ant2 == antenna;
}

/// Of one antenna alone, of random phase on each baseline and integration.
void add_line(Simulated& group, int antenna, Index first, Index last, float jy)
{
    std::mt19937 random(8);
    std::uniform_real_distribution<float> phase(0, 2 * std::numbers::pi_v<float>);
    for (Index b = 0; b < group.nb; ++b)
        for (Index t = 0; t < group.nt && has(group, b, antenna); ++t) {
            float const turn = phase(random);
            for (Index c = first; c < last; ++c)
                for (Index p = 0; p < group.np; ++p) {
                    group.at(t, b, c, p).re += jy * std::cos(turn);
                    group.at(t, b, c, p).im += jy * std::sin(turn);
                }
        }
}

float gain_of(int antenna) { return 1 + 0.3F * std::sin(3 * static_cast<float>(antenna)); }

/// A source of `jy` through the antennas' gains, and what the band makes of it and the noise.
template<class Band>
void shine(Simulated& group, float jy, Band band)
{
    for (Index b = 0; b < group.nb; ++b)
        for (Index t = 0; t < group.nt; ++t)
            for (Index c = 0; c < group.nc; ++c)
                for (Index p = 0; p < group.np; ++p) {
                    auto& v = group.at(t, b, c, p);
                    float const turn = 0.1F * static_cast<float>(b), gain = band(static_cast<float>(c)),
                                seen = jy * gain_of(of(group, b).ant1) * gain_of(of(group, b).ant2);
                    v = {gain * (v.re + seen * std::cos(turn)), gain * (v.im + seen * std::sin(turn))};
                }
}

constexpr auto flat = [](float) { return 1.F; };

/// Share of samples [first, last) that are flagged, of baselines with the antenna, or of those without.
double lost(Simulated& group, int antenna, bool with, Index first, Index last)
{
    double lost = 0, all = 0;
    for (Index b = 0; b < group.nb; ++b) {
        if (of(group, b).ant1 == of(group, b).ant2 || has(group, b, antenna) != with) continue;
        for (Index t = 0; t < group.nt; ++t)
            for (Index c = first; c < last; ++c) all += 1, lost += group.flag_at(t, b, c, 0) != 0;
    }
    return lost / all;
}

/// Beside a bright source the scatter of an antenna's power is small against what one baseline's interference adds to it.
TEST(FlagAntenna, interference_of_one_baseline_beside_a_bright_source_is_not_its_antennas)
{
    Simulated group(16, 0);
    std::mt19937 random(6);
    std::uniform_real_distribution<float> phase(0, 6.2831853F);
    auto const pair = [&](Index b) { return group.state.header.baselines[static_cast<std::size_t>(b)]; };
    Index alone = 0;  // the baseline that has a line by itself; antenna 9 has one on all of its baselines
    while (pair(alone).ant1 != 3 || pair(alone).ant2 != 7) ++alone;
    for (Index b = 0; b < group.nb; ++b)
        for (Index t = 0; t < group.nt; ++t) {
            bool const noisy = pair(b).ant1 == 9 || pair(b).ant2 == 9;
            float const sky = 0.1F * static_cast<float>(b), turn = phase(random);
            for (Index c = 0; c < group.nc; ++c)
                for (Index p = 0; p < 2; ++p) {
                    float const own = b == alone && c == 40 ? 60.F : noisy && c == 80 ? 4.F : 0.F;
                    group.at(t, b, c, p).re += 8 * std::cos(sky) + own * std::cos(turn);
                    group.at(t, b, c, p).im += 8 * std::sin(sky) + own * std::sin(turn);
                }
        }
    group.run(group.nb);
    Index taken = 0, missed = 0;
    for (Index b = 0; b < group.nb; ++b)
        for (Index t = 0; t < group.nt; ++t) {
            if (pair(b).ant1 == pair(b).ant2) continue;
            taken += b != alone && group.flag_at(t, b, 40, 0) != 0;
            missed += (b == alone && group.flag_at(t, b, 40, 0) == 0) ||
                      ((pair(b).ant1 == 9 || pair(b).ant2 == 9) && group.flag_at(t, b, 80, 0) == 0);
        }
    EXPECT_EQ(missed, 0);
    EXPECT_LE(taken, group.nt);
}

TEST(FlagAntenna, a_line_of_a_dead_antenna_is_not_the_arrays)
{
    Simulated group(16, 6);
    add_line(group, Simulated::dead, 40, 42, 8);
    group.run(group.nb);
    EXPECT_EQ(group.state.flag_account->dead, std::vector<int>{13});
    EXPECT_LE(lost(group, Simulated::dead, false, 40, 42), 0.01) << ::testing::PrintToString(group.rules());
}

TEST(FlagAntenna, a_line_of_one_of_few_antennas_is_not_the_arrays)
{
    Simulated group(16, 0);
    shine(group, 6, flat);
    add_line(group, 9, 40, 41, 6);
    group.run(group.nb, {{"dead-antennas", false}});
    EXPECT_GE(lost(group, 9, true, 40, 41), 0.99);
    EXPECT_LE(lost(group, 9, false, 40, 41), 0.01) << ::testing::PrintToString(group.rules());
}

TEST(FlagAntenna, a_line_of_one_of_few_antennas_is_no_vote_of_all)
{
    Simulated group(12, 0);
    shine(group, 6, flat);
    add_line(group, 9, 40, 41, 4);
    group.run(group.nb, {{"dead-antennas", false}});
    EXPECT_EQ(lost(group, 9, false, 40, 41), 0) << ::testing::PrintToString(group.rules());
}

TEST(FlagAntenna, a_band_that_rolls_off_is_nobodys_interference)
{
    for (float const jy : {6.F, 10.F}) {
        Simulated group(24, 0, 24, 384);
        shine(group, jy, [](float c) { return std::clamp(std::min(c, 383 - c) / 30, 0.1F, 1.F); });
        group.run(group.nb, {{"dead-antennas", false}});
        EXPECT_LE(group.lost(), 0.0005) << jy << ::testing::PrintToString(group.rules());
    }
}

/// Short groups have no three integrations to either side, nor six to one: what is not in the plane has no say (the sanitizers watch). Of eight to
/// ten integrations one in the middle may hide among the neighbours that it makes stand out.
TEST(FlagAntenna, a_burst_of_a_short_group_is_no_others)
{
    for (Index nt : {8, 9, 10, 12})
        for (Index at = 0; at < nt; ++at) {
            PowerPlane plane{nt, 96, {}, {}};
            std::mt19937 random(4);
            std::normal_distribution<float> noise(0, 0.01F);
            for (Index i = 0; i < plane.size(); ++i) {
                plane.value.push_back((i / 96 == at ? 1.5F : 1.F) + noise(random));
                plane.samples.push_back(4000);
            }
            auto const found = against_surroundings(plane, {}).burst;
            for (Index t = 0; t < nt; ++t)
                EXPECT_TRUE(found[static_cast<std::size_t>(t)] > 0.1F ? t == at : t != at || nt < 12)
                    << nt << " " << at << " " << t;
        }
}

TEST(FlagAntenna, the_ends_of_a_band_that_slopes_are_nobodys_interference)
{
    std::mt19937 random(4);
    std::normal_distribution<float> noise(0, 0.01F);
    PowerPlane plane{24, 192, {}, {}};
    for (Index i = 0; i < plane.size(); ++i) {
        plane.value.push_back(1 + 0.4F * static_cast<float>(i % 192) / 192 + noise(random));
        plane.samples.push_back(4000);
    }
    auto const count = [&] {
        auto const found = search_plane(plane, {6, {2, 4, 8, 16, 24}, {2, 4, 8, 16, 32}, 2, true, true});
        return std::count(found.begin(), found.end(), 1);
    };
    EXPECT_EQ(count(), 0);
    auto const clean = plane.value;
    for (Index const width : {1, 4, 6, 10})
        for (Index const first : {Index(0), 192 - width}) {
            plane.value = clean;
            for (Index t = 0; t < 24; ++t)
                for (Index c = first; c < first + width; ++c) plane.value[t * 192 + c] += 0.3F;
            EXPECT_EQ(count(), 24 * width) << "a line at the end is found none the less, from channel " << first;
        }
}

TEST(FlagAntenna, a_broad_burst_on_one_baseline_is_not_its_antennas)
{
    Simulated group(12, 0, 24, 192);
    shine(group, 4, flat);
    Index one = 0;
    while (of(group, one).ant1 != 3 || of(group, one).ant2 != 7) ++one;
    for (Index c = 0; c < group.nc; ++c)
        for (Index p = 0; p < 2; ++p) group.at(11, one, c, p).im += 30;
    group.run(group.nb, {{"dead-antennas", false}});
    Index others = 0;
    for (Index b = 0; b < group.nb; ++b)
        for (Index c = 0; c < group.nc; ++c)
            others += b != one && of(group, b).ant1 != of(group, b).ant2 && group.flag_at(11, b, c, 0) != 0;
    EXPECT_LE(others, 20) << ::testing::PrintToString(group.rules());
}

}  // namespace
}  // namespace nocturne
