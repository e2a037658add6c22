// Positions as people write them.
#include "cli/sky_position.hpp"

#include "nocturne/error.hpp"

#include <gtest/gtest.h>

namespace nocturne::cli {
namespace {

TEST(SkyPosition, of_degrees_and_of_sexagesimal_parts)
{
    auto const crab = parse_position("83.6331,22.0145", "--at");
    EXPECT_NEAR(crab.ra.value(), 83.6331 * degree_rad, 1e-15);
    auto const parts = parse_position("05:34:31.944,+22:00:52.2", "--at");
    EXPECT_NEAR(parts.ra.value(), crab.ra.value(), 1e-12);
    EXPECT_NEAR(parts.dec.value(), crab.dec.value(), 1e-12);
    EXPECT_NEAR(parse_position("00:00:01,-00:30:00", "--at").dec.value(), -0.5 * degree_rad, 1e-15);
    EXPECT_NEAR(parse_position("-1,5", "--at").ra.value(), 359 * degree_rad, 1e-12);
    EXPECT_NEAR(parse_position("360.1,5", "--at").ra.value(), 0.1 * degree_rad, 1e-12);
    EXPECT_NEAR(parse_position("-359.9,5", "--at").ra.value(), 0.1 * degree_rad, 1e-12);
}

TEST(SkyPosition, refuses_anything_else)
{
    for (auto const* text : {"", "12", "a,b", "10,95", "800,1", "10,20,30", "05:61:00,1:0:0", "1:2:3:4,5", "nan,1",
                             "1,", "1:-2:3,4:0:0", "1:2,3", "12.5,+22:00:00"}) {
        try {
            parse_position(text, "--at");
            FAIL() << text;
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::usage);
            EXPECT_NE(std::string(error.what()).find("--at"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace nocturne::cli
