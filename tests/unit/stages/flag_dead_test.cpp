// Stage `flag`: hands of antennas that hear nothing.
#include "tests/unit/stages/flag_scene.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>

namespace nocturne {
namespace {

using namespace flag_scene;

/// Nothing but noise in one hand of an antenna, `times` that of the others.
void deafen(Simulated& group, int antenna, Index hand, float times)
{
    std::mt19937 random(19);
    std::normal_distribution<float> normal(0, times);
    for (Index b = 0; b < group.nb; ++b) {
        auto const [ant1, ant2] = group.state.header.baselines[static_cast<std::size_t>(b)];
        for (Index t = 0; (ant1 == antenna || ant2 == antenna) && t < group.nt; ++t)
            for (Index c = 0; c < group.nc; ++c) group.at(t, b, c, hand) = {normal(random), normal(random)};
    }
}

TEST(FlagStage, a_deaf_hand_goes_alone)
{
    for (float times : {0.5F, 1.F, 4.F}) {
        Simulated group(12), same(12);
        for (auto* one : {&group, &same}) deafen(*one, 5, 1, times), deafen(*one, 7, 0, times);
        group.run(10);
        same.run(78);
        EXPECT_EQ(group.flag, same.flag);
        auto const& account = *group.state.flag_account;
        EXPECT_EQ(account.dead, std::vector<int>{13});
        ASSERT_EQ(account.deaf.size(), 2U);
        EXPECT_EQ(account.deaf[0].antenna, 15);
        EXPECT_EQ(account.deaf[0].hand, Correlation::YY);
        EXPECT_EQ(account.deaf[1].antenna, 17);
        EXPECT_EQ(account.deaf[1].hand, Correlation::XX);
        ASSERT_EQ(group.state.notes.size(), 1U);
        EXPECT_NE(group.state.notes[0].find("15 YY, 17 XX"), std::string::npos);
        Index invented = 0, left = 0, lost = 0;
        for (Index i = 0; i < std::ssize(group.flag); ++i) {
            auto const [ant1, ant2] = group.state.header.baselines[static_cast<std::size_t>(i / 256 % group.nb)];
            if (ant1 == ant2 || ant1 == Simulated::dead || ant2 == Simulated::dead) continue;
            int const deaf = i % 2 == 1 ? 5 : 7;
            bool const flagged = group.flag[static_cast<std::size_t>(i)] != 0;
            if (ant1 == deaf || ant2 == deaf)
                left += !flagged, lost += flagged;
            else
                invented += flagged;
        }
        EXPECT_EQ(left, 0);
        EXPECT_LE(invented, 100);  // of 296,000
        auto const rules = group.rules();
        EXPECT_EQ(rules[1 + static_cast<int>(FlagRule::dead)] + rules[1 + static_cast<int>(FlagRule::zero)],
                  lost + 11 * 24 * 256);
    }
    Simulated both(12), faint(12, 0.4F);
    deafen(both, 5, 1, 1), deafen(both, 5, 0, 2);
    both.run(78);
    EXPECT_EQ(both.state.flag_account->dead, (std::vector<int>{13, 15}));
    EXPECT_TRUE(both.state.flag_account->deaf.empty());
    faint.run(78);
    EXPECT_TRUE(faint.state.flag_account->deaf.empty());
}

TEST(FlagStage, cross_hands_go_with_the_deaf_hand_of_either_antenna)
{
    Simulated group(12, 2, 6, 64, 4);
    deafen(group, 5, 0, 1);
    group.run(78);
    ASSERT_EQ(group.state.flag_account->deaf.size(), 1U);
    EXPECT_EQ(group.state.flag_account->deaf[0].hand, Correlation::XX);
    for (Index b = 0; b < group.nb; ++b) {
        auto const [ant1, ant2] = group.state.header.baselines[static_cast<std::size_t>(b)];
        if (ant1 == ant2 || ant1 == Simulated::dead || ant2 == Simulated::dead) continue;
        bool const one = ant1 == 5, two = ant2 == 5, wanted[] = {one || two, one, two, false};
        for (Index p = 0; p < 4; ++p)
            EXPECT_EQ((group.flag_at(3, b, 30, p) & flag_static) != 0, wanted[p]) << ant1 << " " << ant2 << " " << p;
    }
}

/// Antennas on a line, ever farther apart; what a source of that size leaves of `jy` on each baseline comes to what is there.
void add_resolved(Simulated& group, float jy, double size_m)
{
    for (std::size_t a = 0; a < group.state.header.antennas.size(); ++a)
        group.state.header.antennas[a].position_m = {10 * std::pow(1.3, static_cast<double>(a)), 0, 0};
    for (Index b = 0; b < group.nb; ++b) {
        auto const [ant1, ant2] = group.state.header.baselines[static_cast<std::size_t>(b)];
        if (ant1 == Simulated::dead || ant2 == Simulated::dead) continue;
        double const apart = std::pow(1.3, ant2) - std::pow(1.3, ant1), turns = 10 * apart / size_m;
        auto const left = jy * static_cast<float>(std::exp(-turns * turns));
        for (Index t = 0; t < group.nt; ++t)
            for (Index c = 0; c < group.nc; ++c)
                for (Index p = 0; p < group.np; ++p) group.at(t, b, c, p).re += left;
    }
}

/// Antenna `antenna` late by so much.
void delay(Simulated& group, int antenna, double seconds)
{
    for (Index b = 0; b < group.nb; ++b) {
        auto const [ant1, ant2] = group.state.header.baselines[static_cast<std::size_t>(b)];
        if (ant1 == ant2 || (ant1 != antenna && ant2 != antenna)) continue;
        for (Index c = 0; c < group.nc; ++c) {
            double const turns =
                (ant1 == antenna ? 1 : -1) * seconds * group.state.header.freq_hz[static_cast<std::size_t>(c)];
            auto const phase = std::polar(1.F, static_cast<float>(2 * M_PI * std::remainder(turns, 1)));
            for (Index t = 0; t < group.nt; ++t)
                for (Index p = 0; p < group.np; ++p) {
                    auto& v = group.at(t, b, c, p);
                    auto const turned = std::complex<float>(v.re, v.im) * phase;
                    v = {turned.real(), turned.imag()};
                }
        }
    }
}

TEST(FlagStage, far_antennas_that_resolve_the_sky_are_not_dead)
{
    Simulated resolved(20, 0), point(20, 2);
    add_resolved(resolved, 20, 60);
    add_resolved(point, 0, 60);
    deafen(point, 16, 0, 1);
    for (auto* group : {&resolved, &point}) group->run(70);
    EXPECT_TRUE(resolved.state.flag_account->deaf.empty());
    auto const& dead = resolved.state.flag_account->dead;
    EXPECT_EQ(std::count_if(dead.begin(), dead.end(), [](int a) { return a != 13; }), 0);
    EXPECT_EQ(point.state.flag_account->dead, std::vector<int>{13});
    ASSERT_EQ(point.state.flag_account->deaf.size(), 1U);
    EXPECT_EQ(point.state.flag_account->deaf[0].antenna, 26);
}

TEST(FlagStage, many_deaf_antennas_are_found_beside_interference)
{
    Simulated group(20);
    std::vector<int> want{13};
    for (int antenna : {0, 2, 5, 7, 8, 11, 14, 19}) {
        want.push_back(10 + antenna);
        for (Index hand : {0, 1}) deafen(group, antenna, hand, 1 + static_cast<float>(antenna % 3));
    }
    for (Index i = 0; i < std::ssize(group.vis); ++i)
        if (i / 2 % group.nc % 16 == 3) group.vis[static_cast<std::size_t>(i)].re += 300;
    group.run(70);
    std::sort(want.begin(), want.end());
    EXPECT_EQ(group.state.flag_account->dead, want);
    EXPECT_TRUE(group.state.flag_account->deaf.empty());
}

TEST(FlagStage, dead_antennas_are_found_in_smoothed_channels)
{
    Simulated group(12);
    auto const raw = group.vis;
    for (Index t = 0; t < group.nt; ++t)
        for (Index b = 0; b < group.nb; ++b)
            for (Index c = 1; c + 1 < group.nc; ++c)
                for (Index p = 0; p < group.np; ++p) {
                    auto const i = static_cast<std::size_t>(((t * group.nb + b) * group.nc + c) * group.np + p);
                    auto const step = static_cast<std::size_t>(group.np);
                    group.vis[i] = {0.5F * raw[i].re + 0.25F * (raw[i - step].re + raw[i + step].re),
                                    0.5F * raw[i].im + 0.25F * (raw[i - step].im + raw[i + step].im)};
                }
    group.run(78);
    EXPECT_EQ(group.state.flag_account->dead, std::vector<int>{13});
    EXPECT_TRUE(group.state.flag_account->deaf.empty());
}

TEST(FlagStage, a_late_antenna_is_not_deaf)
{
    for (double seconds : {500e-9, 1024e-9, 1.5e-6, 2.048e-6}) {
        Simulated group(12);
        delay(group, 5, seconds);
        group.run(78);
        EXPECT_EQ(group.state.flag_account->dead, std::vector<int>{13});
        EXPECT_TRUE(group.state.flag_account->deaf.empty());
    }
}

}  // namespace
}  // namespace nocturne
