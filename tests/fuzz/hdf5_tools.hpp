// Changing UVH5 files through HDF5, for tests. Enters: a path and a change. Leaves: the file, changed.
#pragma once

#include "io/hdf5.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nocturne::test {

using hdf5::Handle;

inline void change_file(std::string const& path, std::function<void(hid_t)> const& change)
{
    hdf5::start();
    Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    change(file.id());
}

inline Handle space_of(std::vector<hsize_t> const& shape)
{
    return Handle(
        shape.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
        H5Sclose);
}

/// What a new dataset is made of.
struct NewDataset {
    hid_t type;
    std::vector<hsize_t> shape;
    void const* data = nullptr;
    std::function<void(hid_t)> properties = {};  ///< of the creation list
};

/// Takes the link away, and puts a dataset in its place.
inline void replace(hid_t file, std::string const& name, NewDataset const& make)
{
    H5Ldelete(file, name.c_str(), H5P_DEFAULT);
    auto const space = space_of(make.shape);
    Handle const properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (make.properties) make.properties(properties.id());
    Handle const set(H5Dcreate2(file, name.c_str(), make.type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
                     H5Dclose);
    if (make.data) H5Dwrite(set.id(), make.type, H5S_ALL, H5S_ALL, H5P_DEFAULT, make.data);
    H5Eclear2(H5E_DEFAULT);
}

template<class T>
void put_number(hid_t file, std::string const& name, hid_t type, T value)
{
    replace(file, name, {type, {}, &value});
}

/// Writes over the values of a dataset; they must be as many as it has.
inline void overwrite(hid_t file, std::string const& name, hid_t type, void const* values)
{
    Handle const set(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    H5Dwrite(set.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

inline std::vector<double> doubles_of(hid_t file, std::string const& name)
{
    Handle const set(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    Handle const space(H5Dget_space(set.id()), H5Sclose);
    std::vector<double> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())));
    H5Dread(set.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    return values;
}

/// Makes the three datasets again with other properties and, where it is given, another type for numbers.
inline void repack(hid_t from_file, hid_t to_file, std::function<void(hid_t)> const& choose)
{
    for (std::string const name : {"Data/visdata", "Data/flags", "Data/nsamples"}) {
        Handle from(H5Dopen2(from_file, name.c_str(), H5P_DEFAULT), H5Dclose);
        Handle const type(H5Dget_type(from.id()), H5Tclose), space(H5Dget_space(from.id()), H5Sclose);
        std::vector<char> bytes(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())) *
                                H5Tget_size(type.id()));
        H5Dread(from.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
        std::vector<hsize_t> shape(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.id())));
        H5Sget_simple_extent_dims(space.id(), shape.data(), nullptr);
        from.close();
        replace(to_file, name, {type.id(), shape, bytes.data(), choose});
    }
}

}  // namespace nocturne::test
