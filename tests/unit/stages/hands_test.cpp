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

TEST(Hands, SeveralWithoutAParallelOneAreRefusedByName)
{
    try {
        find_hands({XY, YX});
        FAIL() << "it was taken";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input);
        EXPECT_NE(std::string(error.what()).find("XY, YX"), std::string::npos) << error.what();
    }
    EXPECT_THROW(find_parallel_hands({XY}), Error);  // solve needs one
}

}  // namespace
}  // namespace nocturne
