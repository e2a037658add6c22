// Where the chunks of a dataset lie in its file, read from the version 1 B-tree without HDF5, whose own query walks the whole
// tree for each chunk. Enters: an open file and the address of the dataset's object header. Leaves: offset and size of every
// chunk, all within the file, or nothing where the file is of another make (the caller then asks HDF5 chunk by chunk).
// Source: HDF5 File Format Specification 2.0, III.A.1 (B-trees), IV.A.1.a (object header), IV.A.2.i (layout message).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

struct ChunkPlace {
    std::uint64_t offset = 0;   ///< 0 = not stored: the fill value
    std::uint32_t bytes = 0;    ///< as stored, filters applied
    std::uint32_t skipped = 0;  ///< bit i: filter i was not applied
};

/// What is known of the dataset beforehand, to check the tree against.
struct ChunkGrid {
    std::vector<std::uint64_t> extent, chunk;  ///< of all axes, 1 … 8 of them
    std::uint32_t element_bytes = 0;
    bool filtered = false;
};

/// Row-major over the grid of chunks. Error(bad_input) where the tree is of this make, but its chunks cannot be.
std::optional<std::vector<ChunkPlace>> read_chunk_index(int descriptor, std::uint64_t object_header,
                                                        ChunkGrid const& grid);

}  // namespace nocturne
