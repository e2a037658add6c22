// Rows that are (ant2, ant1) hold the other cross hand: nothing of them is lost. And what a group's files may each have in an
// order of their own.
#include "nocturne/correlation.hpp"
#include "tests/unit/io/changed_file.hpp"

#include <numeric>

namespace nocturne {
namespace {

using enum Correlation;
using test::changed_file;
using test::get;
using test::n_rows;
using test::put;
using test::read_all;
using test::SmallSubband;
using Hands = std::vector<Correlation>;

void put_integers(hid_t file, std::string const& name, std::vector<std::int64_t> const& values)
{
    put(file, name, H5T_NATIVE_INT64, {values.size()}, values.data());
}

/// Turns every `step`-th row.
void turn_rows(hid_t file, std::size_t step)
{
    auto ant1 = get<std::int64_t>(file, "Header/ant_1_array", H5T_NATIVE_INT64, n_rows);
    auto ant2 = get<std::int64_t>(file, "Header/ant_2_array", H5T_NATIVE_INT64, n_rows);
    for (std::size_t r = 0; r < n_rows; r += step) std::swap(ant1[r], ant2[r]);
    put_integers(file, "Header/ant_1_array", ant1);
    put_integers(file, "Header/ant_2_array", ant2);
}

TEST(TurnedRows, HandsOfRows)
{
    EXPECT_EQ(hands_of_rows({XY}, TurnedRows::none), (Hands{XY}));
    EXPECT_EQ(hands_of_rows({XY}, TurnedRows::all), (Hands{YX}));
    EXPECT_EQ(hands_of_rows({XY}, TurnedRows::some), (Hands{XY, YX}));
    EXPECT_EQ(hands_of_rows({RR, LL, LR}, TurnedRows::some), (Hands{RR, LL, LR, RL}));
    EXPECT_EQ(hands_of_rows({XX, YX, XY}, TurnedRows::all), (Hands{XX, YX, XY}));
    EXPECT_EQ(hands_of_rows({I, Q}, TurnedRows::some), (Hands{I, Q}));
}

TEST(TurnedRows, ACrossHandWithoutItsPartnerIsThePartnerThere)
{
    test::Scratch const dir;
    auto const path = changed_file(dir, [](hid_t f) {
        put_integers(f, "Header/polarization_array", {-5, -8});
        turn_rows(f, 2);
    });
    GroupReader reader({path});
    ASSERT_EQ(reader.header().correlations, (Hands{XX, YX, XY}));
    auto const sink = read_all(reader);
    Index turned = 0;
    for (Index r = 0; r < static_cast<Index>(n_rows); ++r) {
        auto const& b = reader.header().baselines[static_cast<std::size_t>(r % 15)];
        bool const swapped = r % 2 == 0 && b.ant1 != b.ant2;
        turned += swapped;
        auto const at = [&](Index p) { return sink.vis[sink.at(r / 15, r % 15, 9, p)]; };
        ASSERT_EQ(at(0).real(), SmallSubband::expected(r / 15, r % 15, 0, 0));
        ASSERT_EQ(at(swapped ? 2 : 1),
                  std::complex<double>(SmallSubband::expected(r / 15, r % 15, 0, 1), swapped ? -0.5 : 0.5));
        ASSERT_TRUE(std::isnan(at(swapped ? 1 : 2).real()));  // nothing arrived: it stays flagged
    }
    EXPECT_GT(turned, 50);
    ASSERT_EQ(reader.notes().size(), 1U);
}

/// A second subband whose rows and correlations stand in another order: the same group.
TEST(TurnedRows, FilesOfAGroupMayOrderRowsAndCorrelationsAsTheyLike)
{
    test::Scratch const dir;
    auto const first = SmallSubband(0).write(dir, 0), second = SmallSubband(1).write(dir, 1);
    test::change_file(second, [](hid_t f) {
        put_integers(f, "Header/polarization_array", {-6, -5});
        for (std::string const name : {"Header/ant_1_array", "Header/ant_2_array"}) {
            auto ants = get<std::int64_t>(f, name, H5T_NATIVE_INT64, n_rows);
            for (std::size_t t = 0; t < 20; ++t) std::reverse(ants.begin() + 15 * t, ants.begin() + 15 * (t + 1));
            put_integers(f, name, ants);
        }
    });
    GroupReader reader({first, second}, 2);
    EXPECT_EQ(reader.header().correlations, (Hands{XX, YY}));
    auto const sink = read_all(reader);
    for (Index t = 0; t < 20; ++t)
        for (Index b = 0; b < 15; ++b)
            for (Index p = 0; p < 2; ++p) {
                // sb00 is the highest: its first channel is the last of 20.
                ASSERT_EQ(sink.vis[sink.at(t, b, 19, p)].real(), SmallSubband::expected(t, b, 0, p));
                ASSERT_EQ(sink.vis[sink.at(t, b, 9, p)].real(), SmallSubband::expected(t, 14 - b, 0, 1 - p));
            }
}

TEST(TurnedRows, TimesOfRowsStayTheirOwn)
{
    test::Scratch const dir;
    auto const path = changed_file(dir, [](hid_t f) {
        auto time = get<double>(f, "Header/time_array", H5T_NATIVE_DOUBLE, n_rows);
        for (std::size_t r = 0; r < n_rows; ++r) time[r] += static_cast<double>(r % 5) * 0.2e-3 / day_s;
        put(f, "Header/time_array", H5T_NATIVE_DOUBLE, {n_rows}, time.data());
    });
    auto const header = group_header({path});
    ASSERT_EQ(header.time_mjd_s.size(), 20U);
    ASSERT_EQ(header.offset_s.size(), n_rows);
    for (std::size_t r = 0; r < n_rows; ++r) ASSERT_NEAR(header.offset_s[r], static_cast<double>(r % 5) * 0.2e-3, 5e-5);
    EXPECT_TRUE(group_header({SmallSubband(1).write(dir, 1)}, 2).offset_s.empty());
}

TEST(TurnedRows, SpectralWindowsOfAFileAreKnown)
{
    test::Scratch const dir;
    auto const with = [&](std::vector<std::int64_t> const& windows) {
        return group_header({changed_file(dir, [&](hid_t f) { put_integers(f, "Header/flex_spw_id_array", windows); })})
            .window_first;
    };
    // The file descends: channel 0 is the highest.
    EXPECT_EQ(with({4, 4, 4, 4, 4, 4, 4, 1, 1, 1}), (std::vector<std::int64_t>{3}));
    EXPECT_TRUE(with({4, 1, 4, 1, 4, 1, 4, 1, 4, 1}).empty());
    EXPECT_TRUE(with(std::vector<std::int64_t>(10, 2)).empty());
}

void put_texts(hid_t file, std::string const& name, std::vector<hsize_t> const& shape, std::string const& texts,
               std::size_t width)
{
    hdf5::Handle const type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.id(), width);
    put(file, name, type.id(), shape, texts.data());
}

TEST(TurnedRows, FeedsAndMountsAreThoseOfTheFile)
{
    test::Scratch const dir;
    auto const stated = group_header({changed_file(dir, [](hid_t f) {
        std::vector<double> const angles{0.1, 1.6, 0.2, 1.7, 0.3, 1.8, 0.4, 1.9, 0.5, 2.0};
        put_texts(f, "Header/feed_array", {5, 2}, "yxyxyxyxyx", 1);
        put(f, "Header/feed_angle", H5T_NATIVE_DOUBLE, {5, 2}, angles.data());
        put_texts(f, "Header/mount_type", {5}, "fixedfixedfixedfixedphase", 5);
    })});
    EXPECT_EQ(stated.antennas[1].receptors, "XY");
    EXPECT_EQ(stated.antennas[1].receptor_angle_rad, (std::vector{1.7, 0.2}));
    EXPECT_EQ(stated.antennas[0].mount, "FIXED");
    auto const foreign = read_file_header(changed_file(dir, [](hid_t f) {
        std::vector<double> const angles(10, 0);
        put_texts(f, "Header/feed_array", {5, 2}, "xyxyrlxyrl", 1);
        put(f, "Header/feed_angle", H5T_NATIVE_DOUBLE, {5, 2}, angles.data());
    }));
    ASSERT_EQ(foreign.notes.size(), 1U) << ::testing::PrintToString(foreign.notes);
    EXPECT_NE(foreign.notes[0].find("2 of 5 antennas circular feeds"), std::string::npos) << foreign.notes[0];
    auto const old =
        group_header({changed_file(dir, [](hid_t f) { put_texts(f, "Header/x_orientation", {1}, "east", 4); })});
    EXPECT_EQ(old.antennas[4].receptor_angle_rad, (std::vector{pi / 2, 0.0}));
    auto const silent = group_header({SmallSubband(0).write(dir, 0)});
    EXPECT_TRUE(silent.antennas[0].receptors.empty() && silent.antennas[0].mount.empty());
    auto const wrong = changed_file(dir, [](hid_t f) {
        std::vector<double> const angles(5, 0);
        put_texts(f, "Header/feed_array", {5, 1}, "xxzxx", 1);
        put(f, "Header/feed_angle", H5T_NATIVE_DOUBLE, {5, 1}, angles.data());
    });
    EXPECT_THROW(group_header({wrong}), Error);
}

}  // namespace
}  // namespace nocturne
