// Stage register asks for solutions that a task before it makes.
#include "nocturne/stage.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

TEST(RegisterStage, wants_solutions)
{
    auto const& type = stage_type("register");
    auto const passes = type.make(Params(type.params, {}));
    ASSERT_EQ(passes.size(), 1U);
    EXPECT_EQ(passes.front()->reads(), (std::vector{Field::header, Field::solutions}));
    GroupState state;
    EXPECT_THROW(passes.front()->run(state), Error);
    state.solutions.emplace_back();
    EXPECT_NO_THROW(passes.front()->run(state));
}

}  // namespace
}  // namespace nocturne
