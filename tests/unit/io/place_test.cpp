// Rows that lie in a file as they do in a block are read straight into it: to the same values as by batches.
#include "io/hdf5.hpp"
#include "tests/unit/io/plain_sink.hpp"
#include "tests/unit/io/small_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nocturne {
namespace {

using hdf5::Handle;
using test::SmallSubband;
constexpr Index n_rows = SmallSubband::nt * SmallSubband::nb, row_samples = SmallSubband::nc * SmallSubband::np;

/// Lends memory where it is asked for; what was put there is taken over in the end.
class LendingSink : public test::PlainSink {
public:
    LendingSink(GroupHeader const& header, Index n_baselines) : PlainSink(header, n_baselines), block_(vis.size()) {}

    Vis* place(RowRun const& rows) override
    {
        EXPECT_EQ(rows.n_channels, nc);
        EXPECT_EQ(rows.n_correlations, np);
        n_lent += rows.n;
        lent_.push_back(rows);
        return &block_.at(static_cast<std::size_t>(rows.first * nc * np));
    }
    void take_over()
    {
        for (auto const& rows : lent_)
            for (Index i = rows.first * nc * np; i < (rows.first + rows.n) * nc * np; ++i) {
                auto const& v = block_[static_cast<std::size_t>(i)];
                if (v.re != 0 || v.im != 0) vis[static_cast<std::size_t>(i)] = {v.re, v.im};
            }
    }

    Index n_lent = 0;

private:
    std::vector<Vis> block_;
    std::vector<RowRun> lent_;
};

/// Channels rise, one block of the file; row 151 has its antennas exchanged.
std::string contiguous_file(test::Scratch const& dir)
{
    SmallSubband subband(0);
    std::reverse(subband.content.freq_hz.begin(), subband.content.freq_hz.end());
    auto const path = subband.write(dir, 0);
    hdf5::start();
    Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    Handle const old(H5Dopen2(file.id(), "Data/visdata", H5P_DEFAULT), H5Dclose), type(H5Dget_type(old.id()), H5Tclose);
    std::vector<Vis> values(static_cast<std::size_t>(n_rows * row_samples));
    H5Dread(old.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Ldelete(file.id(), "Data/visdata", H5P_DEFAULT);
    hsize_t const shape[3] = {n_rows, SmallSubband::nc, SmallSubband::np};
    Handle const space(H5Screate_simple(3, shape, nullptr), H5Sclose);
    Handle const set(
        H5Dcreate2(file.id(), "Data/visdata", type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
    EXPECT_GE(H5Dwrite(set.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
    for (auto const* name : {"Header/ant_1_array", "Header/ant_2_array"}) {
        Handle const antennas(H5Dopen2(file.id(), name, H5P_DEFAULT), H5Dclose);
        std::vector<std::int64_t> numbers(n_rows);
        H5Dread(antennas.id(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
        numbers[151] = 2 - numbers[151];
        H5Dwrite(antennas.id(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
    }
    return path;
}

void expect_alike(GroupReader& reader, Index first, Index n, Index lent)
{
    test::PlainSink batches(reader.header(), n);
    reader.read(first, n, batches);
    LendingSink lending(reader.header(), n);
    reader.read(first, n, lending);
    lending.take_over();
    EXPECT_EQ(lending.n_lent, lent);
    ASSERT_EQ(batches.vis.size(), lending.vis.size());
    for (std::size_t i = 0; i < batches.vis.size(); ++i) ASSERT_EQ(batches.vis[i], lending.vis[i]) << i;
}

TEST(Place, long_stretches_of_rows_are_read_into_the_block)
{
    test::Scratch const dir;
    GroupReader reader({contiguous_file(dir)});
    expect_alike(reader, 0, SmallSubband::nb, n_rows - 1);
    expect_alike(reader, 3, 5, 0);  // stretches of five rows: not worth a call each
}

TEST(Place, falling_channels_are_put_as_batches)
{
    test::Scratch const dir;
    GroupReader reader({SmallSubband(0).write(dir, 0)});
    expect_alike(reader, 0, SmallSubband::nb, 0);
}

}  // namespace
}  // namespace nocturne
