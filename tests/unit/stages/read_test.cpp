// Stage `read` only carries parameters: it has no pass, and its defaults read everything of DATA.
#include "nocturne/stage.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

TEST(ReadStage, HasParametersAndNoPass)
{
    auto const& type = stage_type("read");
    Params const params(type.params, {});
    EXPECT_EQ(params.text("column"), "DATA");
    EXPECT_EQ(params.text("field"), "");
    EXPECT_EQ(params.text("windows"), "");
    EXPECT_TRUE(type.make(params).empty());
    EXPECT_EQ(Params(type.params, {{"column", std::string("MODEL_DATA")}}).text("column"), "MODEL_DATA");
    EXPECT_THROW(Params(type.params, {{"columns", std::string("DATA")}}), Error);
}

}  // namespace
}  // namespace nocturne
