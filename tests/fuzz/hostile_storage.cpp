// Layouts, sizes and filters that promise what is not there.
#include "tests/fuzz/hdf5_tools.hpp"
#include "tests/fuzz/hostile.hpp"

#include <zlib.h>

namespace nocturne::test {
namespace {

std::vector<hsize_t> const usual = {300, 1, 10, 2};

void chunk(hid_t properties, std::vector<hsize_t> const& cut)
{
    H5Pset_chunk(properties, static_cast<int>(cut.size()), cut.data());
}

void external_storage(hid_t file, char const* name, hid_t type, std::vector<hsize_t> const& shape)
{
    replace(file, name, {type, shape, nullptr, [](hid_t p) { H5Pset_external(p, "/etc/passwd", 0, H5F_UNLIMITED); }});
}

void virtual_dataset(hid_t file, char const* name, hid_t type, std::vector<hsize_t> const& shape)
{
    auto const space = space_of(shape);
    replace(file, name,
            {type, shape, nullptr, [&](hid_t p) { H5Pset_virtual(p, space.id(), "other.h5", "/x", space.id()); }});
}

/// Nblts and one item of the header say 2^30 rows; nothing is stored.
void many_rows(hid_t file, char const* item, hid_t type, std::vector<hsize_t> const& cut)
{
    put_number(file, "Header/Nblts", H5T_NATIVE_INT64, std::int64_t(1) << 30);
    replace(file, item, {type, {hsize_t(1) << 30}, nullptr, [&](hid_t p) { chunk(p, cut); }});
}

/// A filter of the number given, with values that make no sense; its chunks are stored as they are.
void filter(hid_t file, H5Z_filter_t id, std::vector<unsigned> const& values)
{
    replace(file, "Data/nsamples", {H5T_NATIVE_FLOAT, usual, nullptr, [&](hid_t p) {
                                        chunk(p, {64, 1, 5, 1});
                                        H5Pset_filter(p, id, H5Z_FLAG_OPTIONAL, values.size(), values.data());
                                    }});
}

/// Registers a filter for as long as the file is made.
void foreign_filter(hid_t file, H5Z_filter_t id, std::vector<unsigned> const& values)
{
    H5Z_class2_t const known{H5Z_CLASS_T_VERS,
                             id,
                             1,
                             1,
                             "of a test",
                             nullptr,
                             nullptr,
                             [](unsigned, size_t, unsigned const*, size_t n, size_t*, void**) { return n; }};
    H5Zregister(&known);
    filter(file, id, values);
    {
        std::vector<float> const zeros(6000, 0);
        overwrite(file, "Data/nsamples", H5T_NATIVE_FLOAT, zeros.data());
    }
    H5Zunregister(id);
}

/// A dataset of one chunk or more, the first of which deflate makes of `bytes` zeros: more, or fewer, than a chunk has.
void wrong_stream(hid_t file, char const* name, hid_t type, std::vector<hsize_t> const& extents, std::size_t bytes)
{
    replace(file, name, {type, extents, nullptr, [&](hid_t p) {
                             chunk(p, extents);
                             H5Pset_deflate(p, 9);
                         }});
    std::vector<unsigned char> const plain(bytes, 0);
    std::vector<unsigned char> stream(compressBound(bytes));
    uLongf n = stream.size();
    compress2(stream.data(), &n, plain.data(), bytes, 9);
    Handle const set(H5Dopen2(file, name, H5P_DEFAULT), H5Dclose);
    std::vector<hsize_t> const start(extents.size(), 0);
    H5Dwrite_chunk(set.id(), H5P_DEFAULT, 0, start.data(), n, stream.data());
}

void wrong_flags(hid_t file, std::size_t bytes) { wrong_stream(file, "Data/flags", H5T_NATIVE_UINT8, usual, bytes); }
void wrong_times(hid_t file, std::size_t bytes)
{
    wrong_stream(file, "Header/time_array", H5T_NATIVE_DOUBLE, {usual[0]}, bytes);
}

}  // namespace

std::vector<Hostile> hostile_places()
{
    return {
        {"external storage as visdata",
         [](hid_t f) { external_storage(f, "Data/flags", H5T_NATIVE_UINT8, usual); },
         {"flags", "external storage"}},
        {"external storage as a scalar",
         [](hid_t f) { external_storage(f, "Header/latitude", H5T_NATIVE_DOUBLE, {1}); },
         {"latitude", "external storage"}},
        {"virtual dataset as flags",
         [](hid_t f) { virtual_dataset(f, "Data/flags", H5T_NATIVE_UINT8, usual); },
         {"flags", "virtual"}},
        {"virtual dataset as time_array",
         [](hid_t f) { virtual_dataset(f, "Header/time_array", H5T_NATIVE_DOUBLE, {300}); },
         {"time_array", "virtual"}},
    };
}

std::vector<Hostile> hostile_sizes()
{
    constexpr hsize_t huge = hsize_t(1) << 33;
    return {
        {"8 GiB of times",
         [](hid_t f) { many_rows(f, "Header/time_array", H5T_NATIVE_DOUBLE, {1024}); },
         {"time_array", "too many bytes"}},
        {"8 GiB of antenna numbers",
         [](hid_t f) {
             put_number(f, "Header/Nants_telescope", H5T_NATIVE_INT64, std::int64_t(60000));
             hsize_t const width = 100'000;
             Handle const text(H5Tcopy(H5T_C_S1), H5Tclose);
             H5Tset_size(text.id(), width);
             replace(f, "Header/antenna_names", {text.id(), {60000}, nullptr, [](hid_t p) { chunk(p, {100}); }});
         },
         {"antenna_names", "declares too many bytes"}},
        {"8 GiB of flags",
         [](hid_t f) {
             replace(f, "Data/flags", {H5T_NATIVE_UINT8, {huge, 1, 10, 2}, nullptr, [](hid_t p) {
                                           chunk(p, {1024, 1, 10, 2});
                                       }});
         },
         {"flags", "wrong shape"}},
        {"8 GiB that the header agrees with",
         [](hid_t f) {
             put_number(f, "Header/Nfreqs", H5T_NATIVE_INT64, std::int64_t(1) << 22);
             for (auto const* name : {"Header/freq_array", "Header/channel_width"})
                 replace(f, name,
                         {H5T_NATIVE_DOUBLE, {hsize_t(1) << 22}, nullptr, [](hid_t p) { chunk(p, {1 << 16}); }});
             replace(f, "Data/visdata", {H5T_NATIVE_FLOAT, {300, 1, hsize_t(1) << 22, 2}, nullptr, [](hid_t p) {
                                             chunk(p, {1, 1, 1 << 16, 1});
                                         }});
         },
         {"Header/"}},
        {"visdata of zero rows",
         [](hid_t f) {
             replace(f, "Data/nsamples", {H5T_NATIVE_FLOAT, {0, 1, 10, 2}, nullptr, [](hid_t p) {
                                              chunk(p, {64, 1, 5, 1});
                                          }});
         },
         {"nsamples", "wrong shape"}},
        {"chunks of 3 GiB",
         [](hid_t f) {
             replace(f, "Data/nsamples", {H5T_NATIVE_FLOAT, usual, nullptr, [](hid_t p) {
                                              chunk(p, {1 << 20, 1, 768, 1});
                                          }});
         },
         {}},
    };
}

std::vector<Hostile> hostile_filters()
{
    return {
        {"chunks larger than the data, in a bomb",
         [](hid_t f) { wrong_flags(f, std::size_t(64) << 20); },
         {"flags", "damaged"}},
        {"a stream that ends early", [](hid_t f) { wrong_flags(f, 10); }, {"flags", "damaged"}},
        {"a header's stream that ends early", [](hid_t f) { wrong_times(f, 10); }, {"time_array", "damaged"}},
        {"a header's stream that is too long", [](hid_t f) { wrong_times(f, 1 << 20); }, {"time_array", "damaged"}},
        {"an unknown filter",
         [](hid_t f) {
             foreign_filter(f, 31999, {1, 2, 3});
         },
         {"nsamples", "unknown filter", "31999"}},
        {"bitshuffle with absurd values",
         [](hid_t f) {
             foreign_filter(f, 32008, {0, 4, 0, 0xffffffff, 77, 0xffffffff});
         },
         {"nsamples", "filter"}},
        {"LZF with absurd values",
         [](hid_t f) {
             foreign_filter(f, 32000, {0xffffffff, 0xffffffff, 0xffffffff});
         },
         {"nsamples", "damaged"}},
        {"a plug-in named like a path",
         [](hid_t f) {
             foreign_filter(f, 32767, {0x2f746d70, 0x2f6c6962});
         },
         {"nsamples", "unknown filter"}},
    };
}

}  // namespace nocturne::test
