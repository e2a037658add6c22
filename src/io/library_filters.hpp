// Our decoders as filters of HDF5, for datasets that it reads itself because their elements have another type or byte order than ours.
#pragma once

#include <cstddef>

namespace nocturne {

/// Registers LZF, LZ4, Zstandard, bitshuffle and Blosc with HDF5, to read alone. Once; later calls do nothing. No plug-in is loaded.
void offer_filters();

/// While it lives, chunks that HDF5 decodes on this thread have so many bytes.
class ChunkOfLibrary {
public:
    explicit ChunkOfLibrary(std::size_t bytes);
    ~ChunkOfLibrary();
    ChunkOfLibrary(ChunkOfLibrary const&) = delete;
    ChunkOfLibrary& operator=(ChunkOfLibrary const&) = delete;
};

}  // namespace nocturne
