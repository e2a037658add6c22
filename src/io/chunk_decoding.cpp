#include "io/chunk_decoding.hpp"

#include "io/damaged.hpp"

#include <algorithm>

namespace nocturne::hdf5 {
namespace {

/// Of the dataset that this thread reads.
struct ChunkSize {
    std::size_t bytes = 0;  ///< of its elements
    bool exact = true;      ///< no filter of HDF5's own, which may leave fewer or more of them for ours, stands before
};
thread_local ChunkSize chunk_size;

/// The most that a filter of HDF5's own (scale-offset, n-bit, szip, deflate) makes of a chunk that it cannot shorten.
std::size_t most_bytes_of(ChunkSize const& chunk)
{
    return chunk.exact ? chunk.bytes : chunk.bytes + chunk.bytes / 8 + 4096;
}

/// H5Z_func_t: from the stored bytes of a chunk to a buffer that HDF5 frees. Returns the bytes in *buffer, 0 where they are damaged.
template<int id>
std::size_t undo_for_library(unsigned flags, std::size_t n_values, unsigned const* values, std::size_t n_bytes,
                             std::size_t* buffer_bytes, void** buffer)
{
    if ((flags & H5Z_FLAG_REVERSE) == 0 || chunk_size.bytes == 0) return 0;
    std::size_t const most = most_bytes_of(chunk_size);
    auto* const out = static_cast<unsigned char*>(H5allocate_memory(most, false));
    if (!out) return 0;
    auto const n = undo_filter({id, {values, values + n_values}}, {static_cast<unsigned char const*>(*buffer), n_bytes},
                               {out, most});
    if (n == 0 || (chunk_size.exact && n != chunk_size.bytes)) {
        H5free_memory(out);
        return 0;
    }
    H5free_memory(*buffer);
    *buffer = out;
    *buffer_bytes = most;
    return n;
}

template<int id>
void offer(char const* name)
{
    H5Z_class2_t const filter{H5Z_CLASS_T_VERS, id, 0, 1, name, nullptr, nullptr, &undo_for_library<id>};
    check_status(H5Zregister(&filter), std::string("cannot offer the filter ") + name, Code::system);
}

void offer_all()
{
    static bool const offered = [] {
        offer<filter_lzf>("lzf");
        offer<filter_blosc>("blosc");
        offer<filter_lz4>("lz4");
        offer<filter_bitshuffle>("bitshuffle");
        offer<filter_zstd>("zstd");
        return true;
    }();
    static_cast<void>(offered);
}

/// Filters of HDF5's own of which we have no copy.
bool is_foreign(Filter const& filter) { return !is_known_filter(filter); }

/// Of an element as the file holds it: a text of any length is its length, its address and its number there.
std::size_t stored_element_bytes(hid_t dataset, std::string const& name)
{
    Handle const type(checked(H5Dget_type(dataset), "cannot read the type of " + name), H5Tclose);
    if (H5Tis_variable_str(type.id()) <= 0) return std::max<std::size_t>(H5Tget_size(type.id()), 1);
    Handle const file(checked(H5Iget_file_id(dataset), "cannot find the file of " + name), H5Fclose);
    Handle const made(checked(H5Fget_create_plist(file.id()), "cannot read the make of the file"), H5Pclose);
    std::size_t address = 0, length = 0;
    check_status(H5Pget_sizes(made.id(), &address, &length), "cannot read the make of the file");
    return 4 + address + 4;
}

bool may_change_size(Filter const& filter) { return is_foreign(filter) || filter.id == filter_deflate; }

}  // namespace

std::vector<Filter> filters_of(hid_t properties, std::string const& name)
{
    std::vector<Filter> filters;
    for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
        unsigned flags = 0, configuration = 0, values[8] = {};
        std::size_t n_values = 8;
        char text[64] = {};
        int const id = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &n_values, values, sizeof text,
                                      text, &configuration);
        filters.push_back({id, {values, values + std::min<std::size_t>(n_values, 8)}});
        if (is_foreign(filters.back()) && H5Zfilter_avail(id) <= 0)
            throw bad_file(name + " is compressed with an unknown filter",
                           "number " + std::to_string(id) + " '" + text + "'");
    }
    return filters;
}

ChunkDecoding::ChunkDecoding(hid_t dataset, std::string const& name) : dataset_(dataset), name_(name)
{
    Handle const properties(checked(H5Dget_create_plist(dataset), "cannot read the layout of " + name), H5Pclose);
    if (H5Pget_layout(properties.id()) != H5D_CHUNKED) return;
    extents_ = shape_of(dataset, name);
    chunk_.resize(extents_.size());
    H5Pget_chunk(properties.id(), static_cast<int>(chunk_.size()), chunk_.data());
    filters_ = filters_of(properties.id(), name);
    bytes_ = stored_element_bytes(dataset, name);
    for (auto const extent : chunk_) {
        if (extent < 1 || extent > most_chunk_bytes / bytes_)
            throw bad_file(name + " has a chunk that is too large", text_of(chunk_) + " elements");
        bytes_ *= extent;
    }
    if (filters_.empty()) return;
    offer_all();
    chunk_size = {bytes_, std::none_of(filters_.begin(), filters_.end(), may_change_size)};
}

ChunkDecoding::~ChunkDecoding() { chunk_size = {}; }

void ChunkDecoding::check_rows(hsize_t first, hsize_t n) const
{
    if (chunk_.empty() || H5Dget_storage_size(dataset_) == 0) return;
    if (std::any_of(filters_.begin(), filters_.end(), is_foreign)) return;
    auto const end = std::min(extents_[0], n > extents_[0] ? extents_[0] : first + n);
    Shape start(chunk_.size(), 0);
    start[0] = first / chunk_[0] * chunk_[0];
    while (start[0] < end) {
        check_chunk(start);
        std::size_t axis = start.size() - 1;  // the next one, the last axis fastest
        start[axis] += chunk_[axis];
        for (; axis > 0 && start[axis] >= extents_[axis]; --axis) {
            start[axis] = 0;
            start[axis - 1] += chunk_[axis - 1];
        }
    }
}

void ChunkDecoding::check_chunk(Shape const& start) const
{
    hsize_t stored = 0;
    if (H5Dget_chunk_storage_size(dataset_, start.data(), &stored) < 0 || stored == 0) {
        take_error_text();  // never written: HDF5 fills it
        return;
    }
    std::size_t const most = filters_.empty() ? bytes_ : 2 * bytes_ + mebibyte;
    if (stored > most || (filters_.empty() && stored != bytes_))
        throw bad_file(name_ + " has a chunk of the wrong size", std::to_string(stored) + " bytes stored");
    if (filters_.empty()) return;
    std::vector<unsigned char> in(stored), out(bytes_);
    std::uint32_t skipped = 0;
    check_status(H5Dread_chunk(dataset_, H5P_DEFAULT, start.data(), &skipped, in.data()),
                 "cannot read a chunk of " + name_);
    within(name_, [&] { undo_filters(filters_, skipped, in, out); });
}

}  // namespace nocturne::hdf5
