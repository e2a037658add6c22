#include "io/chunk_dataset.hpp"

#include "io/chunk_decoding.hpp"
#include "io/damaged.hpp"
#include "io/sample_type.hpp"
#include "io/staging.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace nocturne {
namespace {

/// Reads exactly n bytes at an offset.
void read_exactly(OpenUvh5 const& file, std::uint64_t offset, std::size_t n, void* out)
{
    auto* next = static_cast<char*>(out);
    while (n > 0) {
        ssize_t const got = pread(file.descriptor, next, n, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error(Code::io, "cannot read the file", std::strerror(errno), "check the medium");
        if (got == 0) throw bad_file("the file is truncated", "it became shorter while it was read");
        next += got;
        offset += static_cast<std::uint64_t>(got);
        n -= static_cast<std::size_t>(got);
    }
}

}  // namespace

OpenUvh5::OpenUvh5(std::string const& where, hdf5::Handle opened) : file(std::move(opened)), path(where)
{
    descriptor = open(where.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        throw Error(Code::input_missing, "cannot open the file", std::strerror(errno), "check the path");
    bytes = std::filesystem::file_size(where);
}

OpenUvh5::~OpenUvh5()
{
    if (descriptor >= 0) close(descriptor);
}

std::string ChunkDataset::name() const
{
    switch (layout_.kind) {
        case DatasetKind::vis:
            return "Data/visdata";
        case DatasetKind::flag:
            return "Data/flags";
        default:
            return "Data/nsamples";
    }
}

ChunkDataset::ChunkDataset(std::shared_ptr<OpenUvh5> file, DatasetKind kind, Extents extents)
    : file_(std::move(file)), extents_(extents)
{
    using hdf5::Handle;
    layout_.kind = kind;
    layout_.n_channels = extents.channels;
    layout_.n_correlations = extents.correlations;
    auto const group = hdf5::open_group(file_->file.id(), "Data");
    if (!hdf5::has(group.id(), name().substr(5))) throw bad_file(name() + " is missing", "the UVH5 format requires it");
    dataset_ = hdf5::open_dataset(group.id(), name().substr(5));
    auto const shape = hdf5::shape_of(dataset_.id(), name());
    auto const r = static_cast<hsize_t>(extents.rows), c = static_cast<hsize_t>(extents.channels),
               p = static_cast<hsize_t>(extents.correlations);
    four_axes_ = shape.size() == 4;
    if (shape != hdf5::Shape{r, c, p} && shape != hdf5::Shape{r, 1, c, p})
        throw bad_file(name() + " has the wrong shape", hdf5::text_of(shape) + " where the header says " +
                                                            hdf5::text_of({r, c, p}) + " or " +
                                                            hdf5::text_of({r, 1, c, p}));
    Handle const type(hdf5::checked(H5Dget_type(dataset_.id()), "cannot read the type of " + name()), H5Tclose);
    auto sample = sample_type_of(type.id(), kind, name());
    layout_.element = sample.element;
    native_ = sample.native;
    memory_type_ = std::move(sample.memory);
    check_declared_size(sample.bytes);
    Handle const properties(hdf5::checked(H5Dget_create_plist(dataset_.id()), "cannot read the layout of " + name()),
                            H5Pclose);
    filters_ = hdf5::filters_of(properties.id(), name());
    choose_chunks(properties.id(), shape);
    read_fill_value(properties.id());
}

void ChunkDataset::check_declared_size(std::uint64_t element) const
{
    Index const n = extents_.rows * extents_.channels;  // at most 2^31 · 2^24
    std::uint64_t const declared = static_cast<std::uint64_t>(n) * static_cast<std::uint64_t>(extents_.correlations);
    hdf5::Handle const properties(H5Dget_create_plist(dataset_.id()), H5Pclose);
    bool const filtered = H5Pget_nfilters(properties.id()) > 0;
    std::uint64_t const best_ratio = filtered ? 1100 : 4;  // deflate reaches 1032
    if (declared > std::max(16 * hdf5::mebibyte, best_ratio * file_->bytes) / element)
        throw bad_file(name() + " declares more than the file can hold",
                       std::to_string(declared) + " elements of " + std::to_string(element) + " bytes in a file of " +
                           std::to_string(file_->bytes));
}

/// Takes the file's own chunks as the layout of batches; false where they have no extent, or a band of them is too much to hold.
bool ChunkDataset::cut_as_stored(Index rows, Index channels, Index correlations)
{
    constexpr Index most_band_bytes = Index(256) << 20, most_chunks = Index(1) << 26;
    Index elements = 1;
    for (Index extent : {rows, channels, correlations}) {
        if (extent < 1 || extent > most_band_bytes / elements) return false;
        elements *= extent;
    }
    layout_.n_channel_chunks = (extents_.channels + channels - 1) / channels;
    layout_.n_correlation_chunks = (extents_.correlations + correlations - 1) / correlations;
    layout_.chunk_rows = rows;
    layout_.chunk_channels = channels;
    layout_.chunk_correlations = correlations;
    Index const per_band = layout_.n_channel_chunks * layout_.n_correlation_chunks;
    return per_band <= most_band_bytes / (elements * element_bytes(layout_.element)) &&
           n_bands() <= most_chunks / per_band;
}

/// Bands of whole rows, about as large as a cache; where the file has chunks, of whole chunks if those are not huge.
void ChunkDataset::cut_into_rows(Road road, Index stored_rows)
{
    constexpr Index wanted_bytes = 256 * 1024, most_bytes = Index(64) << 20;
    Index const row_bytes = extents_.channels * extents_.correlations * element_bytes(layout_.element);
    Index rows = std::clamp(wanted_bytes / row_bytes, Index(1), extents_.rows);
    if (stored_rows > 1 && stored_rows <= most_bytes / row_bytes)
        rows = (rows + stored_rows - 1) / stored_rows * stored_rows;
    layout_.chunk_rows = rows;
    layout_.chunk_channels = extents_.channels;
    layout_.chunk_correlations = extents_.correlations;
    layout_.n_channel_chunks = layout_.n_correlation_chunks = 1;
    road_ = road;
}

/// One block of the file, row after row, where all of it lies inside the file.
void ChunkDataset::choose_contiguous(hid_t properties)
{
    haddr_t const offset = H5Dget_offset(dataset_.id());
    bool const plain = native_ && H5Pget_layout(properties) == H5D_CONTIGUOUS && offset != HADDR_UNDEF;
    if (offset == HADDR_UNDEF) hdf5::take_error_text();
    if (!plain) return cut_into_rows(Road::library, 1);
    std::uint64_t const bytes = stored_bytes();
    if (offset > file_->bytes || bytes > file_->bytes - offset)
        throw bad_file(name() + " lies outside the file",
                       std::to_string(bytes) + " bytes at " + std::to_string(offset));
    block_offset_ = offset;
    cut_into_rows(Road::contiguous, 1);
}

/// Of one row, in elements as they are handed out.
std::uint64_t ChunkDataset::row_bytes() const
{
    return static_cast<std::uint64_t>(extents_.channels) *
           static_cast<std::uint64_t>(extents_.correlations * element_bytes(layout_.element));
}

/// Of the whole dataset. At most 2^31 · 2^24 · 12 · 16, checked against the file before.
std::uint64_t ChunkDataset::stored_bytes() const { return static_cast<std::uint64_t>(extents_.rows) * row_bytes(); }

std::uint64_t ChunkDataset::place_of_row(Index row) const
{
    return block_offset_ + static_cast<std::uint64_t>(row) * row_bytes();
}

void ChunkDataset::read_rows(Index first, Index n, void* out) const
{
    NOCT_CHECK(road_ == Road::contiguous && first >= 0 && n >= 0 && first + n <= extents_.rows,
               "rows beyond the dataset");
    within(name(),
           [&] { read_exactly(*file_, place_of_row(first), static_cast<std::uint64_t>(n) * row_bytes(), out); });
}

hdf5::Shape ChunkDataset::stored_chunk(hid_t properties, std::size_t axes) const
{
    hdf5::Shape chunk(axes, 0);
    H5Pget_chunk(properties, static_cast<int>(axes), chunk.data());
    hsize_t chunk_elements = 1;
    for (hsize_t extent : chunk) {
        if (extent < 1 || extent > hdf5::most_chunk_bytes / chunk_elements)
            throw bad_file(name() + " has a chunk that is too large", hdf5::text_of(chunk) + " elements");
        chunk_elements *= extent;
    }
    return chunk;
}

void ChunkDataset::choose_chunks(hid_t properties, hdf5::Shape const& shape)
{
    if (H5Pget_layout(properties) != H5D_CHUNKED) return choose_contiguous(properties);
    auto const chunk = stored_chunk(properties, shape.size());
    auto const rows = static_cast<Index>(chunk[0]), channels = static_cast<Index>(chunk[shape.size() - 2]),
               correlations = static_cast<Index>(chunk[shape.size() - 1]);
    bool known = native_ && (!four_axes_ || chunk[1] == 1);
    for (auto const& filter : filters_) known = known && is_known_filter(filter);
    if (!known || !cut_as_stored(rows, channels, correlations)) return leave_to_library(rows);
    H5O_info_t info{};
    hdf5::check_status(H5Oget_info2(dataset_.id(), &info, H5O_INFO_BASIC), "cannot find " + name());
    ChunkGrid const grid{{shape.begin(), shape.end()},
                         {chunk.begin(), chunk.end()},
                         static_cast<std::uint32_t>(element_bytes(layout_.element)),
                         !filters_.empty()};
    auto places = within(name(), [&] { return read_chunk_index(file_->descriptor, info.addr, grid); });
    if (!places && filters_.empty()) return leave_to_library(rows);
    road_ = places ? Road::index : Road::library_chunks;
    if (places) places_ = std::move(*places);
}

/// H5Dread, without a chunk cache where nothing is compressed: with one, and in H5Dread_chunk, HDF5 1.10 reads as many bytes as the
/// index says, which may be more than a chunk has; without, it reads the chunk's own size straight into place.
void ChunkDataset::leave_to_library(Index stored_rows)
{
    cut_into_rows(Road::library, stored_rows);
    if (!filters_.empty()) return;
    dataset_.close();
    hdf5::Handle const access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
    H5Pset_chunk_cache(access.id(), 0, 0, 0);
    dataset_ = hdf5::Handle(
        hdf5::checked(H5Dopen2(file_->file.id(), name().c_str(), access.id()), "cannot open " + name()), H5Dclose);
}

void ChunkDataset::read_fill_value(hid_t properties)
{
    fill_value_.assign(static_cast<std::size_t>(element_bytes(layout_.element)), 0);
    if (H5Pget_fill_value(properties, memory_type_.id(), fill_value_.data()) < 0) {
        std::fill(fill_value_.begin(), fill_value_.end(), 0);
        hdf5::take_error_text();
    }
}

void ChunkDataset::avoid_index()
{
    if (road_ == Road::index) road_ = Road::library_chunks;
    if (road_ == Road::contiguous) road_ = Road::library;
}

void ChunkDataset::fill(char* out, std::size_t bytes) const
{
    for (std::size_t at = 0; at < bytes; at += fill_value_.size())
        std::memcpy(out + at, fill_value_.data(), fill_value_.size());
}

void ChunkDataset::read_bands(Index first, Index count, void* out) const
{
    NOCT_CHECK(first >= 0 && count >= 0 && first + count <= n_bands(), "bands beyond the dataset");
    hdf5::start();
    within(name(), [&] {
        auto* to = static_cast<char*>(out);
        if (road_ == Road::index) return read_by_index(first, count, to);
        if (road_ == Road::contiguous) return read_block(first, count, to);
        for (Index band = first; band < first + count; ++band, to += band_bytes())
            road_ == Road::library ? read_by_library(band, to) : read_by_library_chunks(band, to);
    });
}

std::uint64_t ChunkDataset::place(Index band) const
{
    if (road_ == Road::contiguous) return block_offset_ + static_cast<std::uint64_t>(band) * band_bytes();
    if (road_ != Road::index || !filters_.empty()) return 0;
    return places_[static_cast<std::size_t>(band * layout_.n_channel_chunks * layout_.n_correlation_chunks)].offset;
}

void ChunkDataset::decode(ChunkPlace const& place, unsigned char const* stored, char* out) const
{
    auto const bytes = static_cast<std::size_t>(layout_.chunk_elements() * element_bytes(layout_.element));
    undo_filters(filters_, place.skipped, {stored, place.bytes}, {reinterpret_cast<unsigned char*>(out), bytes});
}

void ChunkDataset::read_block(Index first, Index count, char* out) const
{
    std::uint64_t const start = static_cast<std::uint64_t>(first) * band_bytes();
    std::uint64_t const end = std::min(start + static_cast<std::uint64_t>(count) * band_bytes(), stored_bytes());
    read_exactly(*file_, block_offset_ + start, end - start, out);
}

void ChunkDataset::read_by_index(Index first, Index count, char* out) const
{
    auto const chunk = static_cast<std::size_t>(layout_.chunk_elements() * element_bytes(layout_.element));
    auto const per_band = static_cast<std::size_t>(layout_.n_channel_chunks * layout_.n_correlation_chunks);
    std::size_t const end = static_cast<std::size_t>(first + count) * per_band;
    thread_local Staging staging;
    for (std::size_t k = static_cast<std::size_t>(first) * per_band; k < end;) {
        auto const& place = places_[k];
        std::size_t n = 1;
        if (place.offset == 0) {
            fill(out, chunk);
        } else if (!filters_.empty()) {
            char* const stored = staging.at(place.bytes, place.offset);
            read_exactly(*file_, place.offset, place.bytes, stored);
            decode(place, reinterpret_cast<unsigned char const*>(stored), out);
        } else {
            while (k + n < end && places_[k + n].offset == place.offset + n * chunk) ++n;
            read_exactly(*file_, place.offset, n * chunk, out);
        }
        k += n;
        out += n * chunk;
    }
}

void ChunkDataset::read_by_library_chunks(Index band, char* out) const
{
    auto const chunk = static_cast<std::size_t>(layout_.chunk_elements() * element_bytes(layout_.element));
    std::vector<unsigned char> stored;
    for (Index cf = 0; cf < layout_.n_channel_chunks; ++cf) {
        for (Index cp = 0; cp < layout_.n_correlation_chunks; ++cp, out += chunk) {
            hdf5::Shape start{static_cast<hsize_t>(band * layout_.chunk_rows),
                              static_cast<hsize_t>(cf * layout_.chunk_channels),
                              static_cast<hsize_t>(cp * layout_.chunk_correlations)};
            if (four_axes_) start.insert(start.begin() + 1, 0);
            hsize_t bytes = 0;
            if (H5Dget_chunk_storage_size(dataset_.id(), start.data(), &bytes) < 0 || bytes == 0) {
                hdf5::take_error_text();
                fill(out, chunk);
                continue;
            }
            if (bytes > file_->bytes || (filters_.empty() && bytes != chunk))
                throw bad_file("a chunk has the wrong size", std::to_string(bytes) + " bytes stored");
            std::uint32_t skipped = 0;
            stored.resize(bytes);
            hdf5::check_status(H5Dread_chunk(dataset_.id(), H5P_DEFAULT, start.data(), &skipped, stored.data()),
                               "cannot read a chunk");
            decode({0, static_cast<std::uint32_t>(bytes), skipped}, stored.data(), out);
        }
    }
}

void ChunkDataset::read_by_library(Index band, char* out) const
{
    auto const first = static_cast<hsize_t>(band * layout_.chunk_rows);
    auto const n =
        std::min<hsize_t>(static_cast<hsize_t>(layout_.chunk_rows), static_cast<hsize_t>(extents_.rows) - first);
    hdf5::Shape start{first, 0, 0},
        count{n, static_cast<hsize_t>(extents_.channels), static_cast<hsize_t>(extents_.correlations)};
    if (four_axes_) {
        start.insert(start.begin() + 1, 0);
        count.insert(count.begin() + 1, 1);
    }
    hdf5::Handle const space(hdf5::checked(H5Dget_space(dataset_.id()), "cannot read the shape"), H5Sclose);
    hdf5::Handle const memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
    H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    hdf5::ChunkDecoding const decoding(dataset_.id(), name());
    decoding.check_rows(first, n);
    hdf5::check_status(H5Dread(dataset_.id(), memory_type_.id(), memory.id(), space.id(), H5P_DEFAULT, out),
                       "cannot read the values");
}

}  // namespace nocturne
