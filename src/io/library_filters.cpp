// Enters: stored bytes of a chunk, from HDF5. Leaves: its elements, in a buffer that HDF5 frees.
#include "io/library_filters.hpp"

#include "io/filters.hpp"
#include "io/hdf5.hpp"

#include <exception>

namespace nocturne {
namespace {

thread_local std::size_t chunk_bytes = 0;

/// H5Z_func_t. Returns the bytes in *buffer, 0 where they are damaged.
template<int id>
std::size_t undo_for_library(unsigned flags, std::size_t n_values, unsigned const* values, std::size_t n_bytes,
                             std::size_t* buffer_bytes, void** buffer)
{
    if ((flags & H5Z_FLAG_REVERSE) == 0 || chunk_bytes == 0) return 0;
    void* const out = H5allocate_memory(chunk_bytes, false);
    if (!out) return 0;
    try {
        undo_filters({{id, {values, values + n_values}}}, 0, {static_cast<unsigned char const*>(*buffer), n_bytes},
                     {static_cast<unsigned char*>(out), chunk_bytes});
    } catch (std::exception const&) {  // HDF5, which is C, calls this: it says which dataset it was
        H5free_memory(out);
        return 0;
    }
    H5free_memory(*buffer);
    *buffer = out;
    *buffer_bytes = chunk_bytes;
    return chunk_bytes;
}

template<int id>
void offer(char const* name)
{
    H5Z_class2_t const filter{H5Z_CLASS_T_VERS, id, 0, 1, name, nullptr, nullptr, &undo_for_library<id>};
    hdf5::check_status(H5Zregister(&filter), std::string("cannot offer the filter ") + name);
}

}  // namespace

void offer_filters()
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

ChunkOfLibrary::ChunkOfLibrary(std::size_t bytes) { chunk_bytes = bytes; }
ChunkOfLibrary::~ChunkOfLibrary() { chunk_bytes = 0; }

}  // namespace nocturne
