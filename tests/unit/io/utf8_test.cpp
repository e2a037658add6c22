// UTF-8: what is well-formed (Unicode 15, table 3-7), and what becomes of the rest.
#include "nocturne/utf8.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

TEST(Utf8, WellFormedAndNot)
{
    for (std::string const good :
         {"", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x93\xa1", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"})
        EXPECT_TRUE(is_utf8(good)) << good;
    for (std::string const bad : {"\xe9", "caf\xe9s", "\xc3", "\xc0\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                                  "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80"})
        EXPECT_FALSE(is_utf8(bad)) << escaped_utf8(bad);
}

TEST(Utf8, TheRestIsLatin1OrEscaped)
{
    EXPECT_EQ(as_utf8("caf\xc3\xa9"), "caf\xc3\xa9");
    EXPECT_EQ(as_utf8("caf\xe9 \xb5"), "caf\xc3\xa9 \xc2\xb5");
    EXPECT_EQ(escaped_utf8("b\xff\xc3\xa9"), "b\\xff\xc3\xa9");
}

}  // namespace
}  // namespace nocturne
