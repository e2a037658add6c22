#include "io/shuffle.hpp"

#include "io/big_endian.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <lz4.h>
#include <zstd.h>

namespace nocturne {
namespace {

using Bytes16 = unsigned char __attribute__((vector_size(16)));
using Words2 = std::uint64_t __attribute__((vector_size(16)));

Bytes16 load(unsigned char const* from)
{
    Bytes16 value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// Interleaves the first half of n vectors with the second, log2(n) times: planes [n][16] become elements [16][n].
template<int n>
void planes_to_elements(Bytes16 (&v)[n])
{
    for (int step = 1; step < n; step *= 2) {
        Bytes16 w[n];
        for (int i = 0; i < n / 2; ++i) {
            Bytes16 const a = v[i], b = v[i + n / 2];
            w[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            w[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        for (int i = 0; i < n; ++i) v[i] = w[i];
    }
}

/// Elements of n bytes, 16 at a time; returns how many were done.
template<int n>
std::size_t unshuffle_sixteen(unsigned char const* in, std::size_t elements, unsigned char* out)
{
    std::size_t i = 0;
    for (; i + 16 <= elements; i += 16) {
        Bytes16 v[n];
        for (int k = 0; k < n; ++k) v[k] = load(in + static_cast<std::size_t>(k) * elements + i);
        planes_to_elements(v);
        std::memcpy(out + i * n, v, sizeof v);
    }
    return i;
}

/// Bit i of byte b to bit b of byte i, in each word (Warren 2012, Hacker's Delight, 7-3).
template<class Word>
Word transpose_bits(Word x)
{
    Word t = (x ^ (x >> 7)) & 0x00AA00AA00AA00AAULL;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000CCCC0000CCCCULL;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x00000000F0F0F0F0ULL;
    return x ^ t ^ (t << 28);
}

/// Eight rows of bits, `columns` bytes each, to 8 · columns bytes.
void join_bits(unsigned char const* rows, std::size_t columns, unsigned char* out)
{
    std::size_t j = 0;
    for (; j + 16 <= columns; j += 16) {
        Bytes16 v[8];
        for (std::size_t b = 0; b < 8; ++b) v[b] = load(rows + b * columns + j);
        planes_to_elements(v);
        for (auto& both : v) both = reinterpret_cast<Bytes16>(transpose_bits(reinterpret_cast<Words2>(both)));
        std::memcpy(out + 8 * j, v, sizeof v);
    }
    for (; j < columns; ++j) {
        std::uint64_t word = 0;
        for (std::size_t b = 0; b < 8; ++b) word |= static_cast<std::uint64_t>(rows[b * columns + j]) << 8 * b;
        word = transpose_bits(word);
        std::memcpy(out + 8 * j, &word, sizeof word);
    }
}

/// One block of n elements, n a multiple of 8; `planes` has its size.
void unshuffle_bits(unsigned char const* in, std::size_t n, std::size_t element_bytes, std::span<unsigned char> planes,
                    unsigned char* out)
{
    bool const bytes = element_bytes == 1;
    for (std::size_t k = 0; k < element_bytes; ++k) join_bits(in + k * n, n / 8, bytes ? out : planes.data() + k * n);
    if (!bytes) unshuffle(planes.first(n * element_bytes), element_bytes, {out, n * element_bytes});
}

bool decode_block(BlockCoding coding, std::span<unsigned char const> in, std::span<unsigned char> out)
{
    if (coding == BlockCoding::zstd) return ZSTD_decompress(out.data(), out.size(), in.data(), in.size()) == out.size();
    if (in.size() > LZ4_MAX_INPUT_SIZE || out.size() > LZ4_MAX_INPUT_SIZE) return false;  // its lengths are of type int
    return LZ4_decompress_safe(reinterpret_cast<char const*>(in.data()), reinterpret_cast<char*>(out.data()),
                               static_cast<int>(in.size()),
                               static_cast<int>(out.size())) == static_cast<int>(out.size());
}

/// The blocks of a chunk, one after another.
class BlockReader {
public:
    BlockReader(std::span<unsigned char const> in, std::size_t element_bytes, BlockCoding coding,
                std::size_t most_bytes)
        : in_(in), element_bytes_(element_bytes), coding_(coding), coded_(most_bytes), planes_(most_bytes)
    {}

    bool block(std::size_t elements, unsigned char* out)
    {
        std::size_t const bytes = elements * element_bytes_;
        if (coding_ == BlockCoding::none) {
            if (bytes > in_.size()) return false;
            unshuffle_bits(in_.data(), elements, element_bytes_, planes_, out);
            in_ = in_.subspan(bytes);
            return true;
        }
        if (in_.size() < 4) return false;
        std::size_t const stored = big_endian<4>(in_);
        if (stored > in_.size() - 4 || !decode_block(coding_, in_.subspan(4, stored), std::span(coded_).first(bytes)))
            return false;
        unshuffle_bits(coded_.data(), elements, element_bytes_, planes_, out);
        in_ = in_.subspan(4 + stored);
        return true;
    }
    std::span<unsigned char const> rest() const { return in_; }

private:
    std::span<unsigned char const> in_;
    std::size_t element_bytes_;
    BlockCoding coding_;
    std::vector<unsigned char> coded_, planes_;
};

/// Elements of a block where the chunk does not say.
std::size_t usual_block_elements(std::size_t element_bytes)
{
    constexpr std::size_t target_bytes = 8192, least = 128;
    return std::max(target_bytes / element_bytes / 8 * 8, least);
}

}  // namespace

void unshuffle(std::span<unsigned char const> in, std::size_t element_bytes, std::span<unsigned char> out)
{
    std::size_t const n = element_bytes > 1 ? in.size() / element_bytes : 0;
    std::size_t i = 0;
    if (element_bytes == 2) i = unshuffle_sixteen<2>(in.data(), n, out.data());
    if (element_bytes == 4) i = unshuffle_sixteen<4>(in.data(), n, out.data());
    if (element_bytes == 8) i = unshuffle_sixteen<8>(in.data(), n, out.data());
    if (element_bytes == 16) i = unshuffle_sixteen<16>(in.data(), n, out.data());
    for (; i < n; ++i)
        for (std::size_t k = 0; k < element_bytes; ++k) out[i * element_bytes + k] = in[k * n + i];
    std::size_t const done = n * element_bytes;
    if (done < in.size()) std::memcpy(&out[done], &in[done], in.size() - done);
}

std::size_t undo_bitshuffle(std::span<unsigned char const> in, std::size_t element_bytes, std::size_t block_elements,
                            BlockCoding coding, std::span<unsigned char> out)
{
    std::size_t total = in.size();
    if (element_bytes == 0) return 0;
    if (block_elements == 0) block_elements = usual_block_elements(element_bytes);
    if (coding != BlockCoding::none) {
        if (in.size() < 12) return 0;
        total = big_endian<8>(in);
        block_elements = big_endian<4>(in.subspan(8)) / element_bytes;
        in = in.subspan(12);
    }
    if (total > out.size() || total % element_bytes != 0 || block_elements == 0 || block_elements % 8 != 0) return 0;
    std::size_t const elements = total / element_bytes, shuffled = elements / 8 * 8;
    BlockReader reader(in, element_bytes, coding, std::min(block_elements, shuffled) * element_bytes);
    for (std::size_t done = 0; done < shuffled; done += block_elements)
        if (!reader.block(std::min(block_elements, shuffled - done), out.data() + done * element_bytes)) return 0;
    std::size_t const rest = (elements - shuffled) * element_bytes;
    if (rest > reader.rest().size()) return 0;
    if (rest > 0) std::memcpy(out.data() + shuffled * element_bytes, reader.rest().data(), rest);
    return total;
}

}  // namespace nocturne
