// Durations, times and tables as people write and read them.
#include "cli/table.hpp"

#include "nocturne/error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne::cli {
namespace {

template<class Body>
bool is_usage_error(Body&& body)
{
    try {
        body();
    } catch (Error const& error) {
        return error.code() == Code::usage && std::string(error.what()).find("--x") != std::string::npos;
    }
    return false;
}

TEST(Durations, have_units)
{
    EXPECT_EQ(parse_duration_s("90", "--x"), 90);
    EXPECT_EQ(parse_duration_s("90s", "--x"), 90);
    EXPECT_EQ(parse_duration_s("10min", "--x"), 600);
    EXPECT_EQ(parse_duration_s("1.5h", "--x"), 5400);
    EXPECT_EQ(parse_duration_s("2d", "--x"), 172800);
    for (std::string const wrong : {"", "min", "-1", "10 parsecs", "nan", "inf", "5minutes"})
        EXPECT_TRUE(is_usage_error([&] { parse_duration_s(wrong, "--x"); })) << wrong;
}

TEST(Times, are_dates_or_mjd)
{
    EXPECT_EQ(parse_mjd("2000-01-01", "--x"), 51544);
    EXPECT_DOUBLE_EQ(parse_mjd("2000-01-01T12:00:00", "--x"), 51544.5);
    EXPECT_DOUBLE_EQ(parse_mjd("2026-03-01T05:00:00.5Z", "--x"), 61100 + 5.0 / 24 + 0.5 / 86400);
    EXPECT_DOUBLE_EQ(parse_mjd("61100.25", "--x"), 61100.25);
    for (std::string const wrong : {"", "yesterday", "2026-02-30", "2026-13-01", "2026-03-01T25:00:00", "2026-03-01T05",
                                    "2026-03-01x", "61100.25 d", "nan"})
        EXPECT_TRUE(is_usage_error([&] { parse_mjd(wrong, "--x"); })) << wrong;
}

TEST(Times, come_back_as_they_were)
{
    for (std::string const stamp :
         {"2026-03-01T05:00:00", "1999-12-31T23:59:59", "1858-11-17T00:00:00", "2024-02-29T12:34:56"})
        EXPECT_EQ(format_mjd(parse_mjd(stamp, "--x")), stamp);
    EXPECT_EQ(format_mjd(std::nan("")), "");
}

TEST(Tables, are_aligned)
{
    testing::internal::CaptureStdout();
    print_table({"a", "long heading", "c"}, {{"wide cell", "1", "x"}, {"", "22", ""}});
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "a          long heading  c\n"
              "wide cell  1             x\n"
              "           22\n");
}

}  // namespace
}  // namespace nocturne::cli
