// The chunks of datasets that HDF5 reads itself: those of a header, and samples whose elements have another type or byte order than
// ours. Enters: an open dataset. Leaves: HDF5 with our decoders, and chunks that are as long as HDF5 takes for granted.
#pragma once

#include "io/filters.hpp"
#include "io/header_fields.hpp"

namespace nocturne::hdf5 {

constexpr std::size_t most_chunk_bytes = std::size_t(1) << 30;

/// The pipeline of a dataset. Error(bad_input) where it has a filter that neither we nor HDF5 know.
std::vector<Filter> filters_of(hid_t properties, std::string const& name);

/// While it lives, chunks of one dataset that HDF5 reads on this thread are decoded by ours where they are LZF, LZ4, Zstandard,
/// bitshuffle or Blosc. No plug-in is loaded. Error(bad_input) where a chunk is declared larger than most_chunk_bytes.
class ChunkDecoding {
public:
    ChunkDecoding(hid_t dataset, std::string const& name);
    ~ChunkDecoding();
    ChunkDecoding(ChunkDecoding const&) = delete;
    ChunkDecoding& operator=(ChunkDecoding const&) = delete;

    /// Error(bad_input) where a chunk with elements of rows first … first + n − 1 (of the first axis) has more or fewer bytes than
    /// its elements: HDF5 1.10 reads beyond the end of those. Of a pipeline with scale-offset, n-bit or szip it says nothing.
    void check_rows(hsize_t first, hsize_t n) const;

private:
    void check_chunk(Shape const& start) const;

    hid_t dataset_;
    std::string name_;
    std::vector<Filter> filters_;
    Shape extents_, chunk_;  // no axes where it is not chunked
    std::size_t bytes_ = 0;  // of the elements of a chunk
};

}  // namespace nocturne::hdf5
