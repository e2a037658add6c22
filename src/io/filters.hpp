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
    int id = 0;                         ///< HDF5's registered number
    std::vector<std::uint32_t> values;  ///< client data, as HDF5 stores them with the dataset
};

/// HDF5's registered numbers.
constexpr int filter_deflate = 1, filter_shuffle = 2, filter_fletcher32 = 3, filter_lzf = 32000, filter_blosc = 32001,
              filter_lz4 = 32004, filter_bitshuffle = 32008, filter_zstd = 32015;

/// True for what `undo_filters` can undo: the numbers above, bitshuffle alone or with LZ4 or Zstandard.
bool is_known_filter(Filter const& filter);

/// Undoes one of them (a checksum is none) on `stored` into `out`. Returns the bytes produced; 0 where the input is damaged or
/// `out` too small.
std::size_t undo_filter(Filter const& filter, std::span<unsigned char const> stored, std::span<unsigned char> out);

/// Undoes `filters` on `stored` into `out`; bit i of `skipped` says that filter i was not applied to this chunk. Throws
/// Error(bad_input) where the result is not exactly out.size() bytes, or a checksum is wrong.
void undo_filters(std::vector<Filter> const& filters, std::uint32_t skipped, std::span<unsigned char const> stored,
                  std::span<unsigned char> out);

/// LibLZF (Marc Lehmann) as h5py stores it: a control byte below 32 starts a run of control + 1 literals, else a copy from
/// up to 8 kB back. Returns the bytes produced; 0 where the input is damaged or `out` too small.
std::size_t decode_lzf(std::span<unsigned char const> in, std::span<unsigned char> out);

/// HDF5's LZ4 filter: length (8 bytes), block length (4 bytes), then blocks, each with its stored length (4 bytes) before it and
/// not compressed where that is the block's; all big-endian. Returns the bytes produced; 0 where the input is damaged.
std::size_t decode_lz4(std::span<unsigned char const> in, std::span<unsigned char> out);

/// A buffer of c-blosc 1 with any of its codecs, decompressed by this thread. Returns the bytes produced; 0 where the input is
/// damaged or `out` too small.
std::size_t decode_blosc(std::span<unsigned char const> in, std::span<unsigned char> out);

/// HDF5's Fletcher-32 over 16-bit words, the last byte of an odd number alone.
std::uint32_t fletcher32(std::span<unsigned char const> bytes);

}  // namespace nocturne
