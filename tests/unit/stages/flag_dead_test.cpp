// Stage `flag`: hands of antennas that hear nothing.
#include "tests/unit/stages/flag_scene.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nocturne
