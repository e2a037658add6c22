// One of the three datasets of a UVH5 file, read by bands of rows. Enters: an open file. Leaves: the raw elements of all chunks
// of a row band, filters undone. Four roads: pread at the places of the chunk index; pread of one contiguous block;
// H5Dread_chunk where the index is of another make; H5Dread where elements have another type or byte order, or a filter that
// only HDF5 knows.
#pragma once

#include "io/chunk_index.hpp"
#include "io/filters.hpp"
#include "io/header_fields.hpp"
#include "nocturne/chunk_batch.hpp"

#include <memory>
#include <string>
#include <vector>

namespace nocturne {

/// A file opened twice: by HDF5, and as a descriptor for pread.
struct OpenUvh5 {
    explicit OpenUvh5(std::string const& where) : OpenUvh5(where, hdf5::open_for_reading(where)) {}
    /// Of a file that HDF5 has open.
    OpenUvh5(std::string const& where, hdf5::Handle opened);
    ~OpenUvh5();
    OpenUvh5(OpenUvh5 const&) = delete;
    OpenUvh5& operator=(OpenUvh5 const&) = delete;

    hdf5::Handle file;
    int descriptor = -1;
    std::string path;
    std::uint64_t bytes = 0;
};

class ChunkDataset {
public:
    struct Extents {
        Index rows, channels, correlations;
    };
    enum class Road { index, contiguous, library_chunks, library };

    /// Opens Data/visdata, Data/flags or Data/nsamples. Throws Error(bad_input) naming the dataset: absent, of a shape other
    /// than (rows, channels, correlations) or (rows, 1, channels, correlations), of a type that it cannot have, declared
    /// larger than the file can hold, stored elsewhere, compressed with an unknown filter.
    ChunkDataset(std::shared_ptr<OpenUvh5> file, DatasetKind kind, Extents extents);

    DatasetKind kind() const { return layout_.kind; }
    Road road() const { return road_; }
    bool is_compressed() const { return !filters_.empty(); }
    Index n_bands() const { return (extents_.rows + layout_.chunk_rows - 1) / layout_.chunk_rows; }
    /// Layout of a batch of one band; data, rows and channels are the caller's to fill in.
    ChunkBatch const& layout() const { return layout_; }
    std::size_t band_bytes() const
    {
        return static_cast<std::size_t>(layout_.band_elements() * element_bytes(layout_.element));
    }

    /// Bands first … first + count − 1, one after another, into `out` (count × band_bytes()).
    void read_bands(Index first, Index count, void* out) const;
    /// Where the file holds the band (its first byte), as far as it is known; 0 where it is not, or is compressed.
    std::uint64_t place(Index band) const;
    /// Rows first … first + n − 1 of one contiguous block, into `out`; and where the file holds a row of it.
    void read_rows(Index first, Index n, void* out) const;
    std::uint64_t place_of_row(Index row) const;
    /// Makes sure that reading takes the library's road; for tests and comparisons.
    void avoid_index();

private:
    bool cut_as_stored(Index rows, Index channels, Index correlations);
    void cut_into_rows(Road road, Index stored_rows);
    void leave_to_library(Index stored_rows);
    void choose_contiguous(hid_t properties);
    std::uint64_t row_bytes() const;
    std::uint64_t stored_bytes() const;
    hdf5::Shape stored_chunk(hid_t properties, std::size_t axes) const;
    void choose_chunks(hid_t properties, hdf5::Shape const& shape);
    void check_declared_size(std::uint64_t element) const;
    void read_fill_value(hid_t properties);
    void read_block(Index first, Index count, char* out) const;
    void read_by_index(Index first, Index count, char* out) const;
    void read_by_library_chunks(Index band, char* out) const;
    void read_by_library(Index band, char* out) const;
    void decode(ChunkPlace const& place, unsigned char const* stored, char* out) const;
    void fill(char* out, std::size_t bytes) const;
    std::string name() const;

    std::shared_ptr<OpenUvh5> file_;
    Extents extents_;
    ChunkBatch layout_;
    hdf5::Handle dataset_, memory_type_;
    bool four_axes_ = false, native_ = false;
    Road road_ = Road::library;
    std::vector<Filter> filters_;
    std::vector<ChunkPlace> places_;
    std::uint64_t block_offset_ = 0;
    std::vector<unsigned char> fill_value_;
};

}  // namespace nocturne
