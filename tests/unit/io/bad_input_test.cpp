// Bad files: each a named error with file and dataset, and no memory beyond the cap.
#include "io/hdf5.hpp"
#include "tests/unit/io/plain_sink.hpp"
#include "tests/unit/io/small_group.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>

namespace nocturne {
namespace {

using hdf5::Handle;

std::string const data_items[] = {"visdata", "flags", "nsamples"};

/// A good file, changed through HDF5.
std::string changed_file(test::Scratch const& dir, std::function<void(hid_t)> const& change)
{
    auto const path = test::SmallSubband(0).write(dir, 0);
    hdf5::start();
    Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    change(file.id());
    return path;
}

void replace(hid_t file, std::string const& name, hid_t type, std::vector<hsize_t> const& shape,
             void const* data = nullptr)
{
    H5Ldelete(file, name.c_str(), H5P_DEFAULT);
    Handle const space(
        shape.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
        H5Sclose);
    Handle const set(H5Dcreate2(file, name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
    if (data) H5Dwrite(set.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
}

/// Reads everything; the error's text.
std::string failure(std::string const& path, Code code = Code::bad_input)
{
    try {
        GroupReader reader({path});
        test::PlainSink sink(reader.header(), static_cast<Index>(reader.header().baselines.size()));
        reader.read(0, sink.nb, sink);
        return "read without an error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_NE(std::string(error.what()).find("file " + path), std::string::npos) << error.what();
        return error.what();
    }
}

void expect_named(std::string const& text, std::string const& name)
{
    EXPECT_NE(text.find(name), std::string::npos) << "wanted " << name << " in: " << text;
}

TEST(BadInput, every_missing_item_is_named)
{
    std::string const items[] = {"latitude",
                                 "longitude",
                                 "altitude",
                                 "telescope_name",
                                 "instrument",
                                 "history",
                                 "phase_type",
                                 "Nants_data",
                                 "Nants_telescope",
                                 "ant_1_array",
                                 "ant_2_array",
                                 "antenna_names",
                                 "antenna_numbers",
                                 "Nbls",
                                 "Nblts",
                                 "Nfreqs",
                                 "Npols",
                                 "Ntimes",
                                 "Nspws",
                                 "uvw_array",
                                 "time_array",
                                 "integration_time",
                                 "freq_array",
                                 "channel_width",
                                 "spw_array",
                                 "polarization_array",
                                 "antenna_positions",
                                 "extra_keywords"};
    for (auto const& item : items) {
        test::Scratch const dir;
        expect_named(
            failure(changed_file(dir, [&](hid_t f) { H5Ldelete(f, ("Header/" + item).c_str(), H5P_DEFAULT); })),
            "Header/" + item);
    }
    for (auto const& item : data_items) {
        test::Scratch const dir;
        expect_named(failure(changed_file(dir, [&](hid_t f) { H5Ldelete(f, ("Data/" + item).c_str(), H5P_DEFAULT); })),
                     "Data/" + item);
    }
}

TEST(BadInput, values_that_are_not_finite_are_named)
{
    double const nan = std::nan("");
    for (std::string const item : {"latitude", "altitude", "channel_width", "extra_keywords/phase_center_dec"}) {
        test::Scratch const dir;
        auto const text =
            failure(changed_file(dir, [&](hid_t f) { replace(f, "Header/" + item, H5T_NATIVE_DOUBLE, {}, &nan); }));
        expect_named(text, "Header/" + item);
        expect_named(text, "not finite");
    }
    test::Scratch const in_ghz;
    auto const odd = failure(changed_file(in_ghz, [&](hid_t f) {
        std::vector<double> freq(test::SmallSubband::nc);
        for (std::size_t c = 0; c < freq.size(); ++c) freq[c] = 1.4 + 1e-3 * static_cast<double>(c);
        replace(f, "Header/freq_array", H5T_NATIVE_DOUBLE, {freq.size()}, freq.data());
    }));
    expect_named(odd, "Header/freq_array");
    expect_named(odd, "must be in Hz");
    std::vector<double> times(300, 2461100.5);
    times[17] = nan;
    test::Scratch const dir;
    auto const text = failure(
        changed_file(dir, [&](hid_t f) { replace(f, "Header/time_array", H5T_NATIVE_DOUBLE, {300}, times.data()); }));
    expect_named(text, "Header/time_array");
    expect_named(text, "element 17");
}

TEST(BadInput, wrong_shapes_and_types_are_named)
{
    double const number = 3;
    std::int64_t const negative = -4, huge = std::int64_t(1) << 40;
    std::pair<std::string, std::function<void(hid_t)>> const cases[] = {
        {"Header/time_array", [&](hid_t f) { replace(f, "Header/time_array", H5T_NATIVE_DOUBLE, {299}); }},
        {"Header/antenna_positions",
         [&](hid_t f) {
             replace(f, "Header/antenna_positions", H5T_NATIVE_DOUBLE, {5, 2});
         }},
        {"Header/telescope_name",
         [&](hid_t f) { replace(f, "Header/telescope_name", H5T_NATIVE_DOUBLE, {}, &number); }},
        {"Header/ant_1_array", [&](hid_t f) { replace(f, "Header/ant_1_array", H5T_NATIVE_DOUBLE, {300}); }},
        {"Header/Nfreqs", [&](hid_t f) { replace(f, "Header/Nfreqs", H5T_NATIVE_INT64, {}, &negative); }},
        {"Header/Nblts", [&](hid_t f) { replace(f, "Header/Nblts", H5T_NATIVE_INT64, {}, &huge); }},
        {"Data/visdata",
         [&](hid_t f) {
             replace(f, "Data/visdata", H5T_NATIVE_DOUBLE, {300, 1, 10, 2});
         }},
        {"Data/visdata",
         [&](hid_t f) {
             replace(f, "Data/visdata", H5T_NATIVE_DOUBLE, {300, 10});
         }},
        {"Data/flags", [&](hid_t f) { replace(f, "Data/flags", H5T_NATIVE_FLOAT, {300, 1, 10, 2}); }},
        {"Data/nsamples", [&](hid_t f) { replace(f, "Data/nsamples", H5T_NATIVE_FLOAT, {300, 1, 10, 1}); }},
    };
    for (auto const& [name, change] : cases) {
        test::Scratch const dir;
        expect_named(failure(changed_file(dir, change)), name);
    }
}

TEST(BadInput, a_small_file_cannot_declare_gigabytes)
{
    std::int64_t const rows = std::int64_t(1) << 30;
    test::Scratch const dir;
    auto const path = changed_file(dir, [&](hid_t f) {
        replace(f, "Header/Nblts", H5T_NATIVE_INT64, {}, &rows);
        Handle const space(H5Screate_simple(1, std::vector<hsize_t>{hsize_t(1) << 30}.data(), nullptr), H5Sclose);
        Handle const properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        hsize_t const cut = 1024;
        H5Pset_chunk(properties.id(), 1, &cut);
        H5Ldelete(f, "Header/time_array", H5P_DEFAULT);
        Handle const set(H5Dcreate2(f, "Header/time_array", H5T_NATIVE_DOUBLE, space.id(), H5P_DEFAULT, properties.id(),
                                    H5P_DEFAULT),
                         H5Dclose);
    });
    auto const text = failure(path);
    expect_named(text, "Header/time_array");
    expect_named(text, "too many bytes");
}

TEST(BadInput, links_and_storage_elsewhere_are_refused)
{
    std::pair<std::string, std::function<void(hid_t)>> const cases[] = {
        {"external link",
         [](hid_t f) {
             H5Ldelete(f, "Data/visdata", H5P_DEFAULT);
             H5Lcreate_external("/etc/passwd", "/x", f, "Data/visdata", H5P_DEFAULT, H5P_DEFAULT);
         }},
        {"soft",
         [](hid_t f) {
             H5Ldelete(f, "Data/visdata", H5P_DEFAULT);
             H5Lcreate_soft("/Data/visdata", f, "Data/visdata", H5P_DEFAULT, H5P_DEFAULT);
         }},
        {"external storage",
         [](hid_t f) {
             H5Ldelete(f, "Header/latitude", H5P_DEFAULT);
             hsize_t const n = 1;
             Handle const space(H5Screate_simple(1, &n, nullptr), H5Sclose),
                 properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
             H5Pset_external(properties.id(), "/etc/passwd", 0, 8);
             Handle const set(H5Dcreate2(f, "Header/latitude", H5T_NATIVE_DOUBLE, space.id(), H5P_DEFAULT,
                                         properties.id(), H5P_DEFAULT),
                              H5Dclose);
         }},
        {"virtual dataset",
         [](hid_t f) {
             H5Ldelete(f, "Data/flags", H5P_DEFAULT);
             hsize_t const dims[4] = {300, 1, 10, 2};
             Handle const space(H5Screate_simple(4, dims, nullptr), H5Sclose),
                 properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
             H5Pset_virtual(properties.id(), space.id(), "other.h5", "/x", space.id());
             Handle const set(
                 H5Dcreate2(f, "Data/flags", H5T_NATIVE_INT8, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
                 H5Dclose);
         }},
    };
    for (auto const& [word, change] : cases) {
        test::Scratch const dir;
        expect_named(failure(changed_file(dir, change)), word);
    }
}

TEST(BadInput, truncated_and_foreign_files_are_named)
{
    test::Scratch const dir;
    auto const path = test::SmallSubband(0).write(dir, 0);
    auto const size = std::filesystem::file_size(path);
    for (auto const part : {size - 1, size / 2, std::uintmax_t(1000)}) {
        std::filesystem::resize_file(path, part);
        expect_named(failure(path), "truncated");
        EXPECT_EQ(probe_uvh5(path).result, ProbeResult::truncated);
    }
    std::filesystem::resize_file(path, 0);
    expect_named(failure(path), "empty");
    EXPECT_EQ(probe_uvh5(path).result, ProbeResult::empty);
    std::ofstream(path) << std::string(3000, 'x');
    expect_named(failure(path), "HDF5");
    EXPECT_EQ(probe_uvh5(path).result, ProbeResult::not_hdf5);
    failure(dir / "absent.hdf5", Code::input_missing);
    EXPECT_EQ(probe_uvh5(dir / "absent.hdf5").result, ProbeResult::missing);
}

/// No byte of a damaged file may bring the reader down: it reads, or says why not.
TEST(BadInput, flipped_bytes_of_the_index_never_crash)
{
    test::Scratch const dir;
    auto const path = test::SmallSubband(0).write(dir, 0);
    std::string good;
    {
        std::ifstream in(path, std::ios::binary);
        good.assign(std::istreambuf_iterator<char>(in), {});
    }
    int refused = 0, n = 0;
    for (auto at = good.find("TREE"); at != std::string::npos; at = good.find("TREE", at + 4))
        for (std::size_t k = 4; k < 200; k += 3, ++n) {
            auto bad = good;
            bad[at + k] = static_cast<char>(bad[at + k] ^ 0x5a);
            std::ofstream(path, std::ios::binary) << bad;
            try {
                GroupReader const reader({path});  // opening walks the tree
            } catch (Error const&) {
                ++refused;
            }
        }
    EXPECT_GT(n, 300);
    EXPECT_GT(refused, 0);
}

TEST(Names, follow_the_grammar)
{
    auto const name = parse_subband_name("/data/2026-03-01T05:00:07_sb03.hdf5");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->stamp, "2026-03-01T05:00:07");
    EXPECT_EQ(name->subband, 3);
    EXPECT_DOUBLE_EQ(name->stamp_mjd_s, 61100 * day_s + 5 * 3600 + 7);
    for (auto const* bad :
         {"2026-03-01T05:00:07_sb3.hdf5", "2026-02-30T05:00:07_sb03.hdf5", "2026-03-01T25:00:07_sb03.hdf5",
          "2026-03-01T05:00:07_sb03.h5", "x2026-03-01T05:00:07_sb03.hdf5", "2026-03-01T05:00:07_sb03_incomplete.hdf5"})
        EXPECT_FALSE(parse_subband_name(bad)) << bad;
    EXPECT_TRUE(is_incomplete_name("2026-03-01T05:00:07_sb03_incomplete.hdf5"));
    EXPECT_EQ(subband_file_name("2026-03-01T05:00:07", 3), "2026-03-01T05:00:07_sb03.hdf5");
}

}  // namespace
}  // namespace nocturne
