// Types and shapes that no UVH5 file has.
#include "tests/fuzz/hdf5_tools.hpp"
#include "tests/fuzz/hostile.hpp"

#include <cstring>

namespace nocturne::test {
namespace {

std::vector<hsize_t> const usual = {300, 1, 10, 2};

Handle text_type(std::size_t bytes, H5T_str_t pad)
{
    Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.id(), bytes);
    H5Tset_strpad(type.id(), pad);
    return type;
}

void as_type(hid_t file, char const* name, hid_t type, std::vector<hsize_t> const& shape)
{
    replace(file, name, {type, shape});
}

/// A compound of (r, i) whose parts lie over each other or far away.
void odd_compound(hid_t file, std::size_t size, std::size_t second)
{
    Handle const type(H5Tcreate(H5T_COMPOUND, size), H5Tclose);
    H5Tinsert(type.id(), "r", 0, H5T_NATIVE_FLOAT);
    H5Tinsert(type.id(), "i", second, H5T_NATIVE_FLOAT);
    as_type(file, "Data/visdata", type.id(), usual);
}

}  // namespace

std::vector<Hostile> hostile_sample_types()
{
    return {
        {"visdata of floats",
         [](hid_t f) { as_type(f, "Data/visdata", H5T_NATIVE_FLOAT, usual); },
         {"visdata", "wrong type"}},
        {"visdata of object references",
         [](hid_t f) { as_type(f, "Data/visdata", H5T_STD_REF_OBJ, usual); },
         {"visdata", "wrong type"}},
        {"nsamples of region references",
         [](hid_t f) { as_type(f, "Data/nsamples", H5T_STD_REF_DSETREG, usual); },
         {"nsamples", "wrong type"}},
        {"flags of 8 bytes",
         [](hid_t f) { as_type(f, "Data/flags", H5T_NATIVE_DOUBLE, usual); },
         {"flags", "wrong type"}},
        {"visdata of three parts",
         [](hid_t f) {
             Handle const type(H5Tcreate(H5T_COMPOUND, 12), H5Tclose);
             for (std::size_t i = 0; i < 3; ++i)
                 H5Tinsert(type.id(), std::string(1, static_cast<char>('r' + i)).c_str(), 4 * i, H5T_NATIVE_FLOAT);
             as_type(f, "Data/visdata", type.id(), usual);
         },
         {"visdata", "wrong type"}},
        {"visdata of a megabyte each",
         [](hid_t f) {
             replace(f, "Data/visdata",
                     {[] {
                          static Handle type;
                          type = Handle(H5Tcreate(H5T_COMPOUND, 1 << 20), H5Tclose);
                          H5Tinsert(type.id(), "r", 0, H5T_NATIVE_FLOAT);
                          H5Tinsert(type.id(), "i", (1 << 20) - 4, H5T_NATIVE_FLOAT);
                          return type.id();
                      }(),
                      usual, nullptr,
                      [](hid_t p) {
                          hsize_t const cut[4] = {64, 1, 5, 1};
                          H5Pset_chunk(p, 4, cut);
                      }});
         },
         {"visdata"}},
        {"nsamples of variable length",
         [](hid_t f) {
             Handle const type(H5Tvlen_create(H5T_NATIVE_FLOAT), H5Tclose);
             as_type(f, "Data/nsamples", type.id(), usual);
         },
         {"nsamples", "wrong type"}},
    };
}

std::vector<Hostile> hostile_header_types()
{
    return {
        {"times as text",
         [](hid_t f) { as_type(f, "Header/time_array", text_type(8, H5T_STR_NULLPAD).id(), {300}); },
         {"time_array", "wrong type"}},
        {"latitude as a pointer to text",
         [](hid_t f) {
             auto const type = text_type(H5T_VARIABLE, H5T_STR_NULLTERM);
             as_type(f, "Header/latitude", type.id(), {});
         },
         {"latitude", "wrong type"}},
        {"a number as telescope_name",
         [](hid_t f) { put_number(f, "Header/telescope_name", H5T_NATIVE_INT64, std::int64_t(7)); },
         {"telescope_name", "wrong type"}},
        {"an integer of a gigabyte",
         [](hid_t f) {
             Handle const type(H5Tcopy(H5T_NATIVE_INT64), H5Tclose);
             H5Tset_size(type.id(), std::size_t(1) << 30);
             as_type(f, "Header/Nfreqs", type.id(), {});
         },
         {"Nfreqs", "wrong type"}},
        {"Nblts as a float",
         [](hid_t f) { put_number(f, "Header/Nblts", H5T_NATIVE_DOUBLE, 300.0); },
         {"Nblts", "wrong type"}},
    };
}

std::vector<Hostile> hostile_shapes()
{
    return {
        {"visdata of one axis",
         [](hid_t f) { as_type(f, "Data/flags", H5T_NATIVE_UINT8, {6000}); },
         {"flags", "wrong shape"}},
        {"visdata of 12 axes",
         [](hid_t f) { as_type(f, "Data/flags", H5T_NATIVE_UINT8, std::vector<hsize_t>(12, 2)); },
         {"flags"}},
        {"times of two axes",
         [](hid_t f) {
             as_type(f, "Header/time_array", H5T_NATIVE_DOUBLE, {20, 15});
         },
         {"time_array", "wrong shape"}},
        {"times of a null space",
         [](hid_t f) {
             H5Ldelete(f, "Header/time_array", H5P_DEFAULT);
             Handle const space(H5Screate(H5S_NULL), H5Sclose);
             Handle const set(H5Dcreate2(f, "Header/time_array", H5T_NATIVE_DOUBLE, space.id(), H5P_DEFAULT,
                                         H5P_DEFAULT, H5P_DEFAULT),
                              H5Dclose);
         },
         {"time_array"}},
        {"parts that lie over each other", [](hid_t f) { odd_compound(f, 4096, 2000); }, {}},
    };
}

}  // namespace nocturne::test
