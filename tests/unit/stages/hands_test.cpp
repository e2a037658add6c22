// What is imaged of which correlations.
#include "stages/image/hands.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

using enum Correlation;

TEST(Hands, OnePolarizationAloneIsImagedAsWhatItIs)
{
    struct Case {
        Correlation correlation;
        char const* name;
    };
    for (auto const& [correlation, name] :
         {Case{XY, "XY"}, {YX, "YX"}, {RL, "RL"}, {LR, "LR"}, {XX, "XX"}, {LL, "LL"}, {I, "I"}, {Q, "Q"}, {V, "V"}}) {
        auto const hands = find_hands({correlation});
        EXPECT_EQ(hands.a, 0);
        EXPECT_EQ(hands.b, -1);
        EXPECT_EQ(hands.stokes, name);
    }
}

TEST(Hands, ParallelHandsComeFirst)
{
    auto const four = find_hands({XX, XY, YX, YY});
    EXPECT_EQ(four.a, 0);
    EXPECT_EQ(four.b, 3);
    EXPECT_EQ(four.stokes, "I");
    EXPECT_EQ(find_hands({XY, YX, YY}).stokes, "YY");
    EXPECT_EQ(find_hands({Q, I}).a, 1);
}

TEST(Hands, OneCrossHandOfRowsThatStandBothWaysRound)
{
    auto const hands = find_hands({YX, XY});
    EXPECT_TRUE(hands.either);
    EXPECT_EQ(hands.stokes, "YX");
    std::vector<Vis> const vis{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 9}, {9, 9}};  // channels: has a, has b, has neither
    std::vector<std::uint8_t> const flag{0, flag_missing, flag_missing, 0, flag_missing, flag_missing};
    std::vector<float> const weight{2, 3, 4, 5, 6, 7};
    StokesView const view{make_view(vis.data(), Index(1), Index(1), Index(3), Index(2)),
                          make_view(flag.data(), Index(1), Index(1), Index(3), Index(2)),
                          make_view(weight.data(), Index(1), Index(1), Index(3), Index(2)),
                          hands.a,
                          hands.b,
                          hands.either};
    EXPECT_EQ(view(0, 0, 0).re, 1);
    EXPECT_EQ(view(0, 0, 0).weight, 2);
    EXPECT_EQ(view(0, 0, 1).re, 7);
    EXPECT_EQ(view(0, 0, 1).weight, 5);
    EXPECT_EQ(view.weight_of(0, 0, 2), 0);
}

TEST(Hands, StokesOfLinearAndCircularReceptors)
{
    using enum StokesForm;
    auto const q = find_hands({XX, XY, YX, YY}, "Q"), v = find_hands({XX, XY, YX, YY}, "V");
    EXPECT_EQ(q.b, 3);
    EXPECT_EQ(q.form, half_difference);
    EXPECT_EQ(v.a, 1);
    EXPECT_EQ(v.form, turned);
    EXPECT_EQ(find_hands({RR, LL}, "V").form, half_difference);
    EXPECT_EQ(find_hands({RR, RL, LR, LL}, "Q").form, mean);
    EXPECT_EQ(find_hands({RR, RL, LR, LL}, "U").form, turned);
    EXPECT_EQ(find_hands({I, Q, U, V}, "U").a, 2);
    EXPECT_THROW(find_hands({XX, YY}, "U"), Error);
    EXPECT_THROW(find_hands({RR, LL}, "Q"), Error);

    // V = <A* B> of a source with Stokes (I, Q, U, V) on linear receptors (Hamaker & Bregman 1996, A&AS 117, 161, conjugated): XX = I +
    // Q, XY = U - iV, YX = U + iV, YY = I - Q.
    std::vector<Vis> const vis{{10 + 4, 0}, {3, -2}, {3, 2}, {10 - 4, 0}};
    std::vector<std::uint8_t> const flag(4, 0);
    std::vector<float> const weight(4, 1);
    double const truth[] = {10, 4, 3, 2};
    int k = 0;
    for (auto const* stokes : {"I", "Q", "U", "V"}) {
        auto const hands = find_hands({XX, XY, YX, YY}, stokes);
        StokesView const view{make_view(vis.data(), Index(1), Index(1), Index(1), Index(4)),
                              make_view(flag.data(), Index(1), Index(1), Index(1), Index(4)),
                              make_view(weight.data(), Index(1), Index(1), Index(1), Index(4)),
                              hands.a,
                              hands.b,
                              hands.either,
                              hands.form};
        EXPECT_FLOAT_EQ(view(0, 0, 0).re, static_cast<float>(truth[k++])) << stokes;
        EXPECT_FLOAT_EQ(view(0, 0, 0).im, 0) << stokes;
    }
}

TEST(Hands, SeveralWithoutAParallelOneAreRefusedByName)
{
    try {
        find_hands({XY, YX, Q});
        FAIL() << "it was taken";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input);
        EXPECT_NE(std::string(error.what()).find("XY, YX, Q"), std::string::npos) << error.what();
    }
    EXPECT_THROW(find_parallel_hands({XY}), Error);  // solve needs one
}

}  // namespace
}  // namespace nocturne
