// What other writers do: rows with ant1 > ant2, integer visibilities, absent rows, several phase centres.
#include "tests/unit/io/changed_file.hpp"

namespace nocturne {
namespace {

using hdf5::Handle;
using test::changed_file;
using test::get;
using test::n_rows;
using test::put;
using test::read_all;
using test::SmallSubband;

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

TEST(Dialect, wide_flags_are_set_where_they_are_not_0)
{
    std::vector<std::int32_t> values(n_rows * 20, 0);
    values[1] = 1, values[21] = 256, values[42] = -1, values[63] = -70000;
    for (hid_t const stored : {H5T_STD_I32LE, H5T_STD_I64BE, H5T_STD_I16LE}) {
        test::Scratch const dir;
        auto const path = changed_file(dir, [&](hid_t f) {
            H5Ldelete(f, "Data/flags", H5P_DEFAULT);
            hsize_t const shape[3] = {n_rows, 10, 2};
            Handle const space(H5Screate_simple(3, shape, nullptr), H5Sclose);
            Handle const set(H5Dcreate2(f, "Data/flags", stored, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                             H5Dclose);
            H5Dwrite(set.id(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
        });
        GroupReader reader({path});
        auto const sink = read_all(reader);
        for (Index i = 0; i < std::ssize(values); ++i)
            ASSERT_EQ(sink.flag[sink.at(i / 300, i / 20 % 15, 9 - i / 2 % 10, i % 2)] != 0,
                      values[static_cast<std::size_t>(i)] != 0)
                << i;
    }
}

TEST(Dialect, rows_that_occur_twice_are_kept_both)
{
    test::Scratch const dir;
    auto const path = changed_file(dir, [](hid_t f) {
        auto time = get<double>(f, "Header/time_array", H5T_NATIVE_DOUBLE, n_rows);
        for (std::size_t b = 0; b < 15; ++b) time[15 + b] = time[b];  // the second integration is the first again
        put(f, "Header/time_array", H5T_NATIVE_DOUBLE, {n_rows}, time.data());
    });
    GroupReader reader({path});
    auto const& header = reader.header();
    ASSERT_EQ(header.time_mjd_s.size(), 20U);
    auto const sink = read_all(reader);
    for (Index t = 0; t < 20; ++t) {
        auto const moment = header.moment_of.at(static_cast<std::size_t>(t * 15 + 4));
        EXPECT_NEAR(header.moments.at(static_cast<std::size_t>(moment)).time_mjd_s,
                    61100 * day_s + 12.885 * static_cast<double>(t == 1 ? 0 : t), 1e-3);
        ASSERT_EQ(sink.vis[sink.at(t, 4, 9, 1)].real(), SmallSubband::expected(t, 4, 0, 1));
    }
    ASSERT_EQ(reader.notes().size(), 1U);
    EXPECT_NE(reader.notes()[0].find(path + ": 15 rows have the time and the baseline of another row"),
              std::string::npos);
}

/// A catalogue as pyuvdata's draft of the format had it: JSON text named after the source.
void put_draft(hid_t f, std::string const& text)
{
    Handle const group(H5Gcreate2(f, "Header/phase_center_catalog", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    Handle const type(H5Tcopy(H5T_C_S1), H5Tclose), space(H5Screate(H5S_SCALAR), H5Sclose);
    H5Tset_size(type.id(), text.size());
    Handle const set(H5Dcreate2(group.id(), "3C48", type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                     H5Dclose);
    H5Dwrite(set.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data());
    std::vector<std::int64_t> const ids(n_rows, 5);
    hsize_t const n = n_rows;
    Handle const rows(H5Screate_simple(1, &n, nullptr), H5Sclose);
    Handle const id(H5Dcreate2(f, "Header/phase_center_id_array", H5T_NATIVE_INT64, rows.id(), H5P_DEFAULT, H5P_DEFAULT,
                               H5P_DEFAULT),
                    H5Dclose);
    H5Dwrite(id.id(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, ids.data());
}

TEST(Dialect, a_catalogue_of_the_draft_is_read)
{
    test::Scratch const dir;
    GroupReader const reader({changed_file(dir, [](hid_t f) {
        put_draft(f, R"({"cat_id": 5, "cat_type": "sidereal", "cat_lon": 0.42, "cat_lat": 0.57,
                         "cat_frame": "icrs", "cat_epoch": null})");
    })});
    auto const& centre = reader.header().centres.at(0);
    EXPECT_EQ(centre.kind, PhaseReference::icrs);
    EXPECT_EQ(centre.name, "3C48");
    EXPECT_NEAR(centre.direction.ra.value(), 0.42, 1e-12);
    EXPECT_NEAR(centre.direction.dec.value(), 0.57, 1e-12);
}

TEST(Dialect, a_damaged_catalogue_of_the_draft_is_refused_by_name)
{
    std::pair<char const*, char const*> const cases[] = {
        {"{", "Header/phase_center_catalog/3C48 is not an entry"},
        {"[5]", "Header/phase_center_catalog/3C48 is not an entry"},
        {R"({"cat_id": 6, "cat_type": "sidereal"})", "Header/phase_center_catalog/5 is missing"},
        {R"({"cat_id": 5, "cat_type": "sidereal", "cat_frame": "icrs"})", "3C48/cat_lon is missing"},
        {R"({"cat_id": 5, "cat_type": "sidereal", "cat_frame": "icrs", "cat_lon": "x"})",
         "3C48/cat_lon has the wrong type"},
        {R"({"cat_id": 5, "cat_type": 7})", "3C48/cat_type has the wrong type"},
    };
    for (auto const& [text, named] : cases) {
        test::Scratch const dir;
        auto const path = changed_file(dir, [&](hid_t f) { put_draft(f, text); });
        try {
            GroupReader const reader({path});
            ADD_FAILURE() << "read: " << text;
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::bad_input);
            EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << error.what();
        }
    }
}

TEST(Dialect, a_file_without_a_name_of_its_object_is_read)
{
    test::Scratch const dir;
    GroupReader const reader({changed_file(dir, [](hid_t f) { H5Ldelete(f, "Header/object_name", H5P_DEFAULT); })});
    EXPECT_EQ(reader.header().centres.at(0).name, "");
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

/// A file whose lengths are 0, those of the first `n` rows and channels.
std::string file_without_lengths(test::Scratch const& dir, std::size_t n)
{
    return changed_file(dir, [n](hid_t f) {
        auto length = get<double>(f, "Header/integration_time", H5T_NATIVE_DOUBLE, n_rows);
        std::fill_n(length.begin(), std::min<std::size_t>(n, n_rows), 0.0);
        put(f, "Header/integration_time", H5T_NATIVE_DOUBLE, {n_rows}, length.data());
        std::vector<double> width(SmallSubband::nc, 250e3);
        std::fill_n(width.begin(), std::min<std::size_t>(n, width.size()), 0.0);
        put(f, "Header/channel_width", H5T_NATIVE_DOUBLE, {width.size()}, width.data());
    });
}

TEST(Dialect, lengths_of_0_are_the_distances_of_neighbours)
{
    for (std::size_t const n : {std::size_t(1), std::size_t(n_rows)}) {
        test::Scratch const dir;
        GroupReader reader({file_without_lengths(dir, n)});
        auto const& h = reader.header();
        for (std::size_t t = 0; t < h.integration_s.size(); ++t) EXPECT_NEAR(h.integration_s[t], 12.885, 1e-4);
        for (double const width : h.channel_width_hz) EXPECT_NEAR(width, 250e3, 1e-3);
        ASSERT_EQ(reader.notes().size(), 2U);
        EXPECT_NE(reader.notes()[0].find("channel_width is 0"), std::string::npos);
        EXPECT_NE(reader.notes()[1].find("integration_time is 0 in " + std::to_string(n)), std::string::npos);
    }
}

TEST(Dialect, negative_integration_times_are_refused)
{
    test::Scratch const dir;
    auto const path = changed_file(dir, [](hid_t f) {
        std::vector<double> const length(n_rows, -1);
        put(f, "Header/integration_time", H5T_NATIVE_DOUBLE, {n_rows}, length.data());
    });
    EXPECT_THROW(GroupReader({path}), Error);
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
    EXPECT_FALSE(reader.is_whole());
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
