// Text of numbers, dates, shares and base64.
#include "qa/text.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace nocturne {
namespace {

TEST(Text, counts_and_fluxes)
{
    EXPECT_EQ(format_count(7), "7");
    EXPECT_EQ(format_count(-1234567), "-1\u202f234\u202f567");
    EXPECT_EQ(format_count(-123), "-123");
    EXPECT_EQ(format_jy(1.234e-3), "1.23\u202fmJy");
    EXPECT_EQ(format_jy(-45.67e-6), "\u221245.7\u202fµJy");
    EXPECT_EQ(format_jy(0), "0.00\u202fµJy");
    EXPECT_EQ(format_number(-0.001, 2), "0.00");
}

TEST(Text, dates)
{
    EXPECT_EQ(format_utc(0), "1858-11-17 00:00:00");
    EXPECT_EQ(format_utc(51544.5 * 86400), "2000-01-01 12:00:00");
    EXPECT_EQ(format_utc(60369.0 * 86400 - 0.4), "2024-02-29 00:00:00");
    EXPECT_EQ(format_utc(61365.0 * 86400 + 86399), "2026-11-21 23:59:59");
    EXPECT_EQ(format_utc(-1), "1858-11-16 23:59:59");
}

TEST(Text, base64_as_in_rfc_4648)
{
    EXPECT_EQ(encode_base64(""), "");
    EXPECT_EQ(encode_base64("f"), "Zg==");
    EXPECT_EQ(encode_base64("fo"), "Zm8=");
    EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encode_base64(std::string("\xff\xfe\x00", 3)), "//4A");
}

TEST(Text, shares_add_up)
{
    for (auto const& parts :
         {std::vector<std::int64_t>{1, 1, 1}, {7, 0, 0}, {1, 2, 3, 4, 5, 6, 999983}, {3, 3, 3, 3, 3, 3, 3}}) {
        auto const shares = shares_of_10000(parts);
        EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), std::int64_t{0}), 10000);
        for (std::size_t i = 0; i < parts.size(); ++i) EXPECT_TRUE(parts[i] > 0 || shares[i] == 0);
    }
    EXPECT_EQ(shares_of_10000({0, 0}), (std::vector<std::int64_t>{0, 0}));
}

}  // namespace
}  // namespace nocturne
