// A small UVH5 file with something of it replaced.
#pragma once

#include "io/hdf5.hpp"
#include "tests/unit/io/plain_sink.hpp"
#include "tests/unit/io/small_group.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace nocturne::test {

constexpr hsize_t n_rows = SmallSubband::nt * SmallSubband::nb;

inline void change_file(std::string const& path, std::function<void(hid_t)> const& change)
{
    hdf5::start();
    hdf5::Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    change(file.id());
}

inline std::string changed_file(Scratch const& dir, std::function<void(hid_t)> const& change)
{
    auto const path = SmallSubband(0).write(dir, 0);
    change_file(path, change);
    return path;
}

template<class T>
std::vector<T> get(hid_t file, std::string const& name, hid_t type, std::size_t n)
{
    std::vector<T> values(n);
    hdf5::Handle const set(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    H5Dread(set.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    return values;
}

inline void put(hid_t file, std::string const& name, hid_t type, std::vector<hsize_t> const& shape, void const* data)
{
    if (H5Lexists(file, name.c_str(), H5P_DEFAULT) > 0) H5Ldelete(file, name.c_str(), H5P_DEFAULT);
    hdf5::Handle const space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
    hdf5::Handle const set(H5Dcreate2(file, name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                           H5Dclose);
    ASSERT_GE(H5Dwrite(set.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), 0);
}

inline PlainSink read_all(GroupReader& reader)
{
    auto const n = static_cast<Index>(reader.header().baselines.size());
    PlainSink sink(reader.header(), n);
    reader.read(0, n, sink);
    return sink;
}

}  // namespace nocturne::test
