#include "io/filters.hpp"

#include "io/big_endian.hpp"
#include "io/shuffle.hpp"
#include "nocturne/error.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include <blosc.h>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

namespace nocturne {
namespace {

Error damaged_chunk(std::string what)
{
    return Error(Code::bad_input, "a compressed chunk is damaged", std::move(what),
                 "copy the file again from its source");
}

std::uint32_t value_or(Filter const& filter, std::size_t index, std::uint32_t otherwise)
{
    return index < filter.values.size() ? filter.values[index] : otherwise;
}

/// Client data of bitshuffle: version, version, bytes of an element, elements of a block, coding.
BlockCoding coding_of(Filter const& filter) { return static_cast<BlockCoding>(value_or(filter, 4, 0)); }

std::size_t inflate_all(std::span<unsigned char const> in, std::span<unsigned char> out)
{
    uLongf produced = out.size();
    return uncompress(out.data(), &produced, in.data(), in.size()) == Z_OK ? produced : 0;
}

std::size_t decode_zstd(std::span<unsigned char const> in, std::span<unsigned char> out)
{
    std::size_t const n = ZSTD_decompress(out.data(), out.size(), in.data(), in.size());
    return ZSTD_isError(n) ? 0 : n;
}

std::size_t undo_shuffle(Filter const& filter, std::span<unsigned char const> in, std::span<unsigned char> out)
{
    if (in.size() > out.size()) return 0;
    unshuffle(in, value_or(filter, 0, 1), out.first(in.size()));
    return in.size();
}

constexpr std::size_t most_lz4_bytes = LZ4_MAX_INPUT_SIZE;  // its lengths are of type int

/// The bytes before the checksum at their end.
std::span<unsigned char const> without_checksum(std::span<unsigned char const> bytes)
{
    if (bytes.size() < 4) throw damaged_chunk("Fletcher-32 checksum");
    auto const data = bytes.first(bytes.size() - 4);
    std::uint32_t stored = 0;
    std::memcpy(&stored, bytes.data() + data.size(), 4);
    if (fletcher32(data) != stored) throw damaged_chunk("Fletcher-32 checksum");
    return data;
}

}  // namespace

bool is_known_filter(Filter const& filter)
{
    switch (filter.id) {
        case filter_deflate:
        case filter_shuffle:
        case filter_fletcher32:
        case filter_lzf:
        case filter_blosc:
        case filter_lz4:
        case filter_zstd:
            return true;
        case filter_bitshuffle:
            return filter.values.size() >= 3 && filter.values[2] > 0 &&
                   (coding_of(filter) == BlockCoding::none || coding_of(filter) == BlockCoding::lz4 ||
                    coding_of(filter) == BlockCoding::zstd);
        default:
            return false;
    }
}

std::size_t undo_filter(Filter const& filter, std::span<unsigned char const> stored, std::span<unsigned char> out)
{
    switch (filter.id) {
        case filter_deflate:
            return inflate_all(stored, out);
        case filter_shuffle:
            return undo_shuffle(filter, stored, out);
        case filter_lzf:
            return decode_lzf(stored, out);
        case filter_blosc:
            return decode_blosc(stored, out);
        case filter_lz4:
            return decode_lz4(stored, out);
        case filter_zstd:
            return decode_zstd(stored, out);
        case filter_bitshuffle:
            return undo_bitshuffle(stored, value_or(filter, 2, 0), value_or(filter, 3, 0), coding_of(filter), out);
    }
    return 0;
}

std::size_t decode_lzf(std::span<unsigned char const> in, std::span<unsigned char> out)
{
    std::size_t from = 0, to = 0;
    while (from < in.size()) {
        std::size_t const control = in[from++];
        if (control < 32) {
            std::size_t const n = control + 1;
            if (n > in.size() - from || n > out.size() - to) return 0;
            std::memcpy(&out[to], &in[from], n);
            from += n;
            to += n;
            continue;
        }
        std::size_t n = control >> 5;
        if (n == 7) {
            if (from == in.size()) return 0;
            n += in[from++];
        }
        n += 2;
        if (from == in.size()) return 0;
        std::size_t const back = ((control & 31) << 8) + in[from++] + 1;
        if (back > to || n > out.size() - to) return 0;
        unsigned char* const here = out.data() + to;
        to += n;
        if (back >= n)
            std::memcpy(here, here - back, n);
        else if (back == 1)
            std::memset(here, here[-1], n);
        else
            for (std::size_t i = 0; i < n; ++i)
                here[i] = here[static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(back)];
    }
    return to;
}

std::size_t decode_lz4(std::span<unsigned char const> in, std::span<unsigned char> out)
{
    if (in.size() < 12) return 0;
    std::size_t const total = big_endian<8>(in), most = big_endian<4>(in.subspan(8));
    if (total > out.size() || most == 0) return 0;
    in = in.subspan(12);
    for (std::size_t done = 0; done < total;) {
        std::size_t const bytes = std::min(most, total - done);
        if (in.size() < 4) return 0;
        std::size_t const stored = big_endian<4>(in);
        if (stored > in.size() - 4 || stored > most_lz4_bytes || bytes > most_lz4_bytes) return 0;
        auto* const to = out.data() + done;
        if (stored == bytes)
            std::memcpy(to, in.data() + 4, bytes);
        else if (LZ4_decompress_safe(reinterpret_cast<char const*>(in.data() + 4), reinterpret_cast<char*>(to),
                                     static_cast<int>(stored), static_cast<int>(bytes)) != static_cast<int>(bytes))
            return 0;
        in = in.subspan(4 + stored);
        done += bytes;
    }
    return total;
}

std::size_t decode_blosc(std::span<unsigned char const> in, std::span<unsigned char> out)
{
    std::size_t bytes = 0;
    if (in.size() < BLOSC_MIN_HEADER_LENGTH || blosc_cbuffer_validate(in.data(), in.size(), &bytes) != 0) return 0;
    if (bytes == 0 || bytes > out.size()) return 0;
    int const n = blosc_decompress_ctx(in.data(), out.data(), bytes, 1);
    return n > 0 && static_cast<std::size_t>(n) == bytes ? bytes : 0;
}

std::uint32_t fletcher32(std::span<unsigned char const> bytes)
{
    std::uint32_t low = 0, high = 0;
    std::size_t words = bytes.size() / 2, at = 0;
    while (words > 0) {
        std::size_t const run = std::min<std::size_t>(words, 360);  // no overflow of 32 bits before the folding
        for (std::size_t i = 0; i < run; ++i, at += 2) {
            low += static_cast<std::uint32_t>(bytes[at] << 8 | bytes[at + 1]);
            high += low;
        }
        low = (low & 0xffff) + (low >> 16);
        high = (high & 0xffff) + (high >> 16);
        words -= run;
    }
    if (bytes.size() % 2 != 0) {
        low += static_cast<std::uint32_t>(bytes[at]) << 8;
        high += low;
        low = (low & 0xffff) + (low >> 16);
        high = (high & 0xffff) + (high >> 16);
    }
    low = (low & 0xffff) + (low >> 16);
    high = (high & 0xffff) + (high >> 16);
    return high << 16 | low;
}

void undo_filters(std::vector<Filter> const& filters, std::uint32_t skipped, std::span<unsigned char const> stored,
                  std::span<unsigned char> out)
{
    constexpr std::size_t checksums = 32;  // a checksum may stand inside the pipeline
    thread_local std::vector<unsigned char> scratch[2];
    auto const applied = [&](std::size_t i) { return (skipped >> i & 1) == 0; };
    auto const is_code = [&](std::size_t i) { return applied(i) && filters[i].id != filter_fletcher32; };
    std::size_t first = 0;  // the step that was applied first makes `out`
    while (first < filters.size() && !is_code(first)) ++first;
    bool const direct =
        first == 0 || std::none_of(filters.begin(), filters.begin() + static_cast<std::ptrdiff_t>(first),
                                   [](auto const& f) { return f.id == filter_fletcher32; });
    auto bytes = stored;
    std::size_t turn = 0;
    for (std::size_t i = filters.size(); i-- > 0;) {
        if (!applied(i)) continue;
        if (filters[i].id == filter_fletcher32) {
            bytes = without_checksum(bytes);
            continue;
        }
        auto& other = scratch[turn++ % 2];
        if (other.size() < out.size() + checksums) other.resize(out.size() + checksums);
        auto const to = i == first && direct ? out : std::span(other).first(out.size() + checksums);
        auto const n = undo_filter(filters[i], bytes, to);
        if (n == 0) throw damaged_chunk("filter " + std::to_string(filters[i].id));
        bytes = to.first(n);
    }
    if (bytes.size() != out.size()) throw damaged_chunk("its length is not that of a chunk");
    if (bytes.data() != out.data()) std::memcpy(out.data(), bytes.data(), out.size());
}

}  // namespace nocturne
