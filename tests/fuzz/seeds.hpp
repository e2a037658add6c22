// Small valid UVH5 files of several makes, for mutation. Leaves: their bytes, and which of these are structure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne::test {

struct Seed {
    std::string name;  ///< "gzip", …
    std::string bytes;
    std::vector<std::uint32_t>
        structure;  ///< offsets of bytes that are no samples: headers, trees, heaps, header items
};

/// Chunked, contiguous, gzip and shuffle, the newest file format, big-endian, and two real ones (LZF, catalogue of phase centres,
/// int32 samples).
std::vector<Seed> make_seeds();

}  // namespace nocturne::test
