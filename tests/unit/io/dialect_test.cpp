// What other writers do: rows with ant1 > ant2, integer visibilities, absent rows, several phase centres.
#include "io/hdf5.hpp"
#include "tests/unit/io/plain_sink.hpp"
#include "tests/unit/io/small_group.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace nocturne {
namespace {

using hdf5::Handle;
using test::SmallSubband;
constexpr hsize_t n_rows = SmallSubband::nt * SmallSubband::nb;

std::string changed_file(test::Scratch const& dir, std::function<void(hid_t)> const& change)
{
    auto const path = SmallSubband(0).write(dir, 0);
    hdf5::start();
    Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    change(file.id());
    return path;
}

template<class T>
std::vector<T> get(hid_t file, std::string const& name, hid_t type, std::size_t n)
{
    std::vector<T> values(n);
    Handle const set(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    H5Dread(set.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    return values;
}

void put(hid_t file, std::string const& name, hid_t type, std::vector<hsize_t> const& shape, void const* data)
{
    H5Ldelete(file, name.c_str(), H5P_DEFAULT);
    Handle const space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
    Handle const set(H5Dcreate2(file, name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
    ASSERT_GE(H5Dwrite(set.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), 0);
}

test::PlainSink read_all(GroupReader& reader)
{
    auto const n = static_cast<Index>(reader.header().baselines.size());
    test::PlainSink sink(reader.header(), n);
    reader.read(0, n, sink);
    return sink;
}

TEST(Dialect, rows_with_their_antennas_swapped_are_conjugated)
{
    test::Scratch const dir;
    auto const path = changed_file(dir, [](hid_t f) {
        auto ant1 = get<std::int64_t>(f, "Header/ant_1_array", H5T_NATIVE_INT64, n_rows);
        auto ant2 = get<std::int64_t>(f, "Header/ant_2_array", H5T_NATIVE_INT64, n_rows);
        for (std::size_t r = 0; r < n_rows; r += 2) std::swap(ant1[r], ant2[r]);
        put(f, "Header/ant_1_array", H5T_NATIVE_INT64, {n_rows}, ant1.data());
        put(f, "Header/ant_2_array", H5T_NATIVE_INT64, {n_rows}, ant2.data());
    });
    GroupReader reader({path});
    auto const sink = read_all(reader);
    for (Index r = 0; r < static_cast<Index>(n_rows); ++r) {
        auto const& b = reader.header().baselines[static_cast<std::size_t>(r % 15)];
        EXPECT_LE(b.ant1, b.ant2);
        bool const swapped = r % 2 == 0 && b.ant1 != b.ant2;
        auto const v = sink.vis[sink.at(r / 15, r % 15, 9, 1)];
        ASSERT_EQ(v.real(), SmallSubband::expected(r / 15, r % 15, 0, 1));
        ASSERT_EQ(v.imag(), swapped ? -0.5 : 0.5);
    }
}

TEST(Dialect, integer_visibilities_are_read)
{
    struct Pair {
        std::int32_t r, i;
    };
    std::vector<Pair> values;
    for (std::int32_t k = 0; k < static_cast<std::int32_t>(n_rows) * 20; ++k) values.push_back({k, -7 * k});
    test::Scratch const dir;
    auto const path = changed_file(dir, [&](hid_t f) {
        Handle const type(H5Tcreate(H5T_COMPOUND, sizeof(Pair)), H5Tclose);
        H5Tinsert(type.id(), "r", 0, H5T_STD_I32LE);
        H5Tinsert(type.id(), "i", 4, H5T_STD_I32LE);
        put(f, "Data/visdata", type.id(), {n_rows, 10, 2}, values.data());
    });
    GroupReader reader({path});
    auto const sink = read_all(reader);
    EXPECT_EQ(sink.vis[sink.at(3, 4, 9, 1)],
              std::complex<double>((3 * 15 + 4) * 20 + 1, -7.0 * ((3 * 15 + 4) * 20 + 1)));
}

TEST(Dialect, big_endian_values_are_converted)
{
    std::vector<float> parts;
    for (std::size_t k = 0; k < n_rows * 20 * 2; ++k) parts.push_back(static_cast<float>(k));
    test::Scratch const dir;
    auto const path = changed_file(dir, [&](hid_t f) {
        Handle const stored(H5Tcreate(H5T_COMPOUND, 8), H5Tclose), memory(H5Tcreate(H5T_COMPOUND, 8), H5Tclose);
        H5Tinsert(stored.id(), "r", 0, H5T_IEEE_F32BE), H5Tinsert(stored.id(), "i", 4, H5T_IEEE_F32BE);
        H5Tinsert(memory.id(), "r", 0, H5T_IEEE_F32LE), H5Tinsert(memory.id(), "i", 4, H5T_IEEE_F32LE);
        H5Ldelete(f, "Data/visdata", H5P_DEFAULT);
        hsize_t const shape[3] = {n_rows, 10, 2};
        Handle const space(H5Screate_simple(3, shape, nullptr), H5Sclose);
        Handle const set(H5Dcreate2(f, "Data/visdata", stored.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Dclose);
        H5Dwrite(set.id(), memory.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, parts.data());
    });
    GroupReader reader({path});
    auto const sink = read_all(reader);
    EXPECT_EQ(sink.vis[sink.at(0, 1, 9, 0)], std::complex<double>(40, 41));
}

TEST(Dialect, absent_rows_stay_empty)
{
    constexpr hsize_t n = n_rows - 1;
    std::size_t const gone = 77;
    test::Scratch const dir;
    auto const path = changed_file(dir, [&](hid_t f) {
        for (std::string const name : {"time_array", "integration_time"}) {
            auto values = get<double>(f, "Header/" + name, H5T_NATIVE_DOUBLE, n_rows);
            values.erase(values.begin() + gone);
            put(f, "Header/" + name, H5T_NATIVE_DOUBLE, {n}, values.data());
        }
        for (std::string const name : {"ant_1_array", "ant_2_array"}) {
            auto values = get<std::int64_t>(f, "Header/" + name, H5T_NATIVE_INT64, n_rows);
            values.erase(values.begin() + gone);
            put(f, "Header/" + name, H5T_NATIVE_INT64, {n}, values.data());
        }
        auto const n_blts = static_cast<std::int64_t>(n);
        H5Ldelete(f, "Header/Nblts", H5P_DEFAULT);
        hsize_t const one = 1;
        put(f, "Header/Nblts", H5T_NATIVE_INT64, {one}, &n_blts);
        std::vector<double> vis(n * 20 * 2, 3);
        std::vector<std::uint8_t> flags(n * 20, 0);
        std::vector<float> nsamples(n * 20, 1);
        Handle const type(H5Tcreate(H5T_COMPOUND, 16), H5Tclose);
        H5Tinsert(type.id(), "r", 0, H5T_IEEE_F64LE), H5Tinsert(type.id(), "i", 8, H5T_IEEE_F64LE);
        put(f, "Data/visdata", type.id(), {n, 1, 10, 2}, vis.data());
        put(f, "Data/flags", H5T_NATIVE_UINT8, {n, 1, 10, 2}, flags.data());
        put(f, "Data/nsamples", H5T_NATIVE_FLOAT, {n, 1, 10, 2}, nsamples.data());
    });
    GroupReader reader({path});
    EXPECT_EQ(reader.header().baselines.size(), 15U);
    auto const sink = read_all(reader);
    EXPECT_TRUE(std::isnan(sink.vis[sink.at(5, 2, 0, 0)].real()));
    EXPECT_EQ(std::count_if(sink.vis.begin(), sink.vis.end(), [](auto v) { return std::isnan(v.real()); }), 20);
}

TEST(Dialect, several_phase_centres_at_one_time_make_the_group_ragged)
{
    test::Scratch const dir;
    auto const path = dir / "ata.uvh5";
    std::filesystem::copy(std::string(NOCTURNE_SOURCE_DIR) + "/tests/golden/uvh5/ata_3c286.uvh5", path);
    {
        hdf5::start();
        Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
        H5Ocopy(file.id(), "Header/phase_center_catalog/0", file.id(), "Header/phase_center_catalog/7", H5P_DEFAULT,
                H5P_DEFAULT);
        auto ids = get<std::int64_t>(file.id(), "Header/phase_center_id_array", H5T_NATIVE_INT64, 406);
        ids[5] = 7;
        put(file.id(), "Header/phase_center_id_array", H5T_NATIVE_INT64, {406}, ids.data());
    }
    EXPECT_EQ(group_header({path}).centres.front().kind, PhaseReference::icrs);  // two names for one direction
    {
        Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
        double const lat = 0.1;
        Handle const set(H5Dopen2(file.id(), "Header/phase_center_catalog/7/cat_lat", H5P_DEFAULT), H5Dclose);
        H5Dwrite(set.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &lat);
    }
    auto const header = group_header({path});
    ASSERT_EQ(header.centres.size(), 2U);
    EXPECT_DOUBLE_EQ(header.centres[1].direction.dec.value(), 0.1);
    ASSERT_TRUE(header.ragged());
    ASSERT_EQ(header.moments.size(), 2U);
    EXPECT_EQ(header.moments[0].time_mjd_s, header.moments[1].time_mjd_s);
    EXPECT_EQ(std::count(header.moment_of.begin(), header.moment_of.end(), 1), 1);
    EXPECT_EQ(header.moment_of[5], 1);
}

}  // namespace
}  // namespace nocturne
