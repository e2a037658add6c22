// Filters: LZF and shuffle against streams made by hand, and damaged streams.
#include "io/filters.hpp"
#include "io/shuffle.hpp"
#include "nocturne/error.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace nocturne {
namespace {

using Bytes = std::vector<unsigned char>;

Bytes bytes_of(std::string const& text) { return {text.begin(), text.end()}; }

TEST(Lzf, literals_and_copies)
{
    // "abc", then 7 bytes from 3 back (overlapping), then "!": LibLZF's format, lzf_d.c
    Bytes const stream{2, 'a', 'b', 'c', 5 << 5, 2, 0, '!'};
    Bytes out(11);
    ASSERT_EQ(decode_lzf(stream, out), 11U);
    EXPECT_EQ(out, bytes_of("abcabcabca!"));
}

TEST(Lzf, long_copies_take_another_length_byte)
{
    Bytes const stream{0, 'x', 7 << 5, 20, 0};  // 7 + 20 + 2 = 29 copies of the byte before
    Bytes out(30);
    ASSERT_EQ(decode_lzf(stream, out), 30U);
    EXPECT_EQ(out, Bytes(30, 'x'));
}

TEST(Lzf, damaged_streams_stay_within_their_buffers)
{
    Bytes out(16);
    EXPECT_EQ(decode_lzf(Bytes{5, 'a'}, out), 0U);                  // literals beyond the end
    EXPECT_EQ(decode_lzf(Bytes{0, 'a', 1 << 5, 9}, out), 0U);       // a copy from before the start
    EXPECT_EQ(decode_lzf(Bytes{0, 'a', 7 << 5}, out), 0U);          // no length byte
    EXPECT_EQ(decode_lzf(Bytes{0, 'a', 7 << 5, 255, 0}, out), 0U);  // more than fits
    std::mt19937 random(5);
    for (int i = 0; i < 20000; ++i) {
        Bytes noise(random() % 40);
        for (auto& b : noise) b = static_cast<unsigned char>(random());
        EXPECT_LE(decode_lzf(noise, out), out.size());
    }
}

TEST(Shuffle, is_undone)
{
    Bytes const stored{'a', 'c', 'e', 'b', 'd', 'f', 'z'};  // three elements of two bytes and a rest
    Bytes out(7);
    unshuffle(stored, 2, out);
    EXPECT_EQ(out, bytes_of("abcdefz"));
}

TEST(Filters, skipped_ones_are_left_out_and_wrong_lengths_refused)
{
    std::vector<Filter> const filters{{filter_shuffle, {2}}, {filter_lzf, {}}};
    Bytes const stored{'a', 'c', 'b', 'd'};
    Bytes out(4);
    undo_filters(filters, 0b10, stored, out);
    EXPECT_EQ(out, bytes_of("abcd"));
    EXPECT_THROW(undo_filters(filters, 0b00, stored, out), Error);
    EXPECT_THROW(undo_filters(filters, 0b11, Bytes(3), out), Error);
}

}  // namespace
}  // namespace nocturne
