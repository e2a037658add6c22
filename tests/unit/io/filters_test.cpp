// Filters: LZF and shuffle against streams made by hand, and damaged streams.
#include "io/filters.hpp"
#include "io/shuffle.hpp"
#include "nocturne/error.hpp"

#include <gtest/gtest.h>

#include <blosc.h>

#include <algorithm>
#include <cstring>
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

/// Bit b of byte k of all elements lies together; two blocks of 8 elements of 2 bytes and a rest of one element.
TEST(Bitshuffle, is_undone)
{
    Bytes elements(34);
    std::mt19937 random(3);
    for (auto& byte : elements) byte = static_cast<unsigned char>(random());
    Bytes stored(34, 0);
    for (std::size_t block = 0; block < 2; ++block)
        for (std::size_t e = 0; e < 8; ++e)
            for (std::size_t k = 0; k < 2; ++k)
                for (std::size_t b = 0; b < 8; ++b)
                    if (elements[16 * block + 2 * e + k] >> b & 1) stored[16 * block + 8 * k + b] |= 1U << e;
    std::copy(elements.end() - 2, elements.end(), stored.end() - 2);
    Bytes out(34);
    ASSERT_EQ(undo_bitshuffle(stored, 2, 8, BlockCoding::none, out), 34U);
    EXPECT_EQ(out, elements);
    EXPECT_EQ(undo_bitshuffle(Bytes(20), 2, 8, BlockCoding::lz4, out), 0U);  // a block length of 0
}

/// What Blosc makes of `bytes` with one of its codecs.
Bytes blosc_of(Bytes const& bytes, char const* codec, int shuffle)
{
    Bytes stored(bytes.size() + BLOSC_MAX_OVERHEAD);
    int const n =
        blosc_compress_ctx(5, shuffle, 4, bytes.size(), bytes.data(), stored.data(), stored.size(), codec, 0, 1);
    stored.resize(static_cast<std::size_t>(std::max(n, 0)));
    return stored;
}

Bytes ramp(std::size_t n)
{
    Bytes bytes(n);
    for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<unsigned char>(i % 4 == 0 ? i / 64 : 7);
    return bytes;
}

TEST(Blosc, every_codec_is_undone)
{
    auto const bytes = ramp(40000);
    for (auto const* codec : {"blosclz", "lz4", "lz4hc", "zlib", "zstd"})
        for (int const shuffle : {BLOSC_NOSHUFFLE, BLOSC_SHUFFLE, BLOSC_BITSHUFFLE}) {
            Bytes out(bytes.size());
            undo_filters({{filter_blosc, {}}}, 0, blosc_of(bytes, codec, shuffle), out);
            EXPECT_EQ(out, bytes) << codec << " " << shuffle;
        }
}

TEST(Blosc, damaged_buffers_are_refused_or_stay_within_theirs)
{
    auto const bytes = ramp(5000);
    auto const whole = blosc_of(bytes, "lz4", BLOSC_SHUFFLE);
    Bytes out(bytes.size());
    EXPECT_EQ(decode_blosc(std::span(whole).first(whole.size() - 1), out), 0U);
    EXPECT_EQ(decode_blosc(std::span(whole).first(10), out), 0U);
    EXPECT_EQ(decode_blosc(whole, std::span(out).first(4999)), 0U);
    std::mt19937 random(11);
    for (auto const* codec : {"blosclz", "lz4", "zlib", "zstd"})
        for (int i = 0; i < 4000; ++i) {
            auto damaged = blosc_of(bytes, codec, i % 3);
            for (int k = 0; k < 3; ++k)
                damaged[random() % (i % 2 ? 32 : damaged.size())] = static_cast<unsigned char>(random());
            EXPECT_LE(decode_blosc(damaged, out), out.size());
        }
}

TEST(Filters, noise_stays_within_its_buffers)
{
    std::mt19937 random(7);
    Bytes out(256);
    for (int i = 0; i < 20000; ++i) {
        Bytes noise(random() % 64);
        for (auto& byte : noise) byte = static_cast<unsigned char>(random());
        if (i % 2 == 0 && noise.size() >= 12)  // believable lengths
            for (std::size_t k : {0, 1, 2, 3, 4, 5, 6, 8, 9, 10}) noise[k] = 0;
        EXPECT_LE(decode_lz4(noise, out), out.size());
        for (auto const coding : {BlockCoding::none, BlockCoding::lz4, BlockCoding::zstd})
            for (std::size_t const bytes : {1, 4, 8, 3})
                EXPECT_LE(undo_bitshuffle(noise, bytes, random() % 3 * 8, coding, out), out.size());
    }
}

TEST(Filters, a_wrong_checksum_is_seen)
{
    Bytes stored{1, 2, 3, 4, 0, 0, 0, 0}, out(4);
    auto const sum = fletcher32(std::span(stored).first(4));
    EXPECT_EQ(sum, (0x0102U + 0x0102U + 0x0304U) << 16 | (0x0102U + 0x0304U));
    std::memcpy(stored.data() + 4, &sum, 4);
    std::vector<Filter> const filters{{filter_fletcher32, {}}};
    undo_filters(filters, 0, stored, out);
    EXPECT_EQ(out, (Bytes{1, 2, 3, 4}));
    stored[2] ^= 8;
    EXPECT_THROW(undo_filters(filters, 0, stored, out), Error);
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
