// Bytes and bits of many elements, put back into elements. Enters: planes. Leaves: elements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nocturne {

/// HDF5's shuffle: byte k of all elements lies together. `in` and `out` have one size; bytes beyond the last whole element are
/// copied.
void unshuffle(std::span<unsigned char const> in, std::size_t element_bytes, std::span<unsigned char> out);

/// How bitshuffle (Masui et al. 2015, Astronomy and Computing 12, 181) packs its blocks.
enum class BlockCoding : std::uint32_t { none = 0, lz4 = 2, zstd = 3 };

/// Bitshuffle: within blocks of elements, bit b of byte k of all elements lies together; fewer than eight elements at the end
/// are copied. With a coding: length (8 bytes), block length in bytes (4 bytes), then each block after its stored length (4
/// bytes), big-endian. Without: blocks of `block_elements` (0 = 8 kB, at least 128 elements). Returns the bytes produced; 0 where
/// the input is damaged or `out` too small.
std::size_t undo_bitshuffle(std::span<unsigned char const> in, std::size_t element_bytes, std::size_t block_elements,
                            BlockCoding coding, std::span<unsigned char> out);

}  // namespace nocturne
