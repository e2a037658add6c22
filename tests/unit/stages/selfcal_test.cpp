// Stage selfcal wants an image; its rounds are checked before anything is read.
#include "stages/selfcal.hpp"

#include "nocturne/stage.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

Passes passes_of(std::string const& rounds)
{
    auto const& type = stage_type("selfcal");
    return type.make(Params(type.params, {{"rounds", rounds}}));
}

TEST(SelfCalStage, wants_an_image)
{
    auto const passes = passes_of("p,ap");
    ASSERT_EQ(passes.size(), 1U);
    EXPECT_EQ(passes.front()->scope(), Scope::group);
    EXPECT_EQ(passes.front()->reads(), (std::vector{Field::header, Field::images}));
    EXPECT_TRUE(passes_of("none").empty());
}

TEST(SelfCalStage, refuses_rounds_that_are_none)
{
    for (auto const* wrong : {"q", "", "p,,ap", "p;ap"}) {
        try {
            passes_of(wrong);
            FAIL() << wrong;
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::bad_config) << wrong;
        }
    }
    EXPECT_EQ(split_rounds("p,p,ap", Code::usage), (std::vector<std::string>{"p", "p", "ap"}));
}

}  // namespace
}  // namespace nocturne
