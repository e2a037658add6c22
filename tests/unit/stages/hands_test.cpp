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
