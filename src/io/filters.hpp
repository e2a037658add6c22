// The filters of chunked datasets, undone. Enters: the stored bytes of one chunk. Leaves: its elements, or an Error; no byte is
// read or written outside the buffers, whatever the stored bytes say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nocturne {

/// One step of a dataset's pipeline, in the order in which it was applied when writing.
struct Filter {
    int id = 0;                     ///< HDF5's registered number
    std::size_t element_bytes = 0;  ///< shuffle and bitshuffle
};

constexpr int filter_deflate = 1, filter_shuffle = 2, filter_lzf = 32000;

/// True for the filters that `undo_filters` knows: deflate, shuffle, LZF (which HDF5's library lacks).
bool is_known_filter(int id);

/// Undoes `filters` on `stored` into `out`; bit i of `skipped` says that filter i was not applied to this chunk. Throws
/// Error(bad_input) where the result is not exactly out.size() bytes.
void undo_filters(std::vector<Filter> const& filters, std::uint32_t skipped, std::span<unsigned char const> stored,
                  std::span<unsigned char> out);

/// LibLZF (Marc Lehmann) as h5py stores it: a control byte below 32 starts a run of control + 1 literals, else a copy from
/// up to 8 kB back. Returns the bytes produced; 0 where the input is damaged or `out` too small.
std::size_t decode_lzf(std::span<unsigned char const> in, std::span<unsigned char> out);

/// HDF5's shuffle: byte k of all elements lies together.
void unshuffle(std::span<unsigned char const> in, std::size_t element_bytes, std::span<unsigned char> out);

}  // namespace nocturne
