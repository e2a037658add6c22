// Measurement Sets of many shapes against what was put into them.
#include "io/ms_reader.hpp"
#include "io/hash.hpp"
#include "io/wgs84.hpp"
#include "nocturne/error.hpp"
#include "tests/unit/io/read_ms.hpp"
#include "tests/unit/io/scratch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace nocturne {
namespace {

using test::Scratch;
using test::TinyMs;

using test::error_of;
using test::plain;
using test::Read;
using test::says;
using test::start_s;

TEST(MsReader, ConjugatesAndTurnsUvw)
{
    auto const set = plain();
    for (Index const span : {1, 2, 1000}) {
        Read const read(set, {}, span);
        EXPECT_FALSE(read.header.ragged());
        EXPECT_FALSE(read.header.mirrored);
        ASSERT_EQ(read.header.baselines.size(), 3u);
        for (int r = 0; r < 6; ++r)
            for (int c = 0; c < 2; ++c)
                for (int p = 0; p < 2; ++p) {
                    auto const at = read.at(r / 3, r % 3, c, p);
                    EXPECT_EQ(read.vis[at].re, set.vis(r, c, p).real());
                    EXPECT_EQ(read.vis[at].im, -set.vis(r, c, p).imag());
                    EXPECT_EQ(read.flag[at], 0);
                    EXPECT_EQ(read.weight[at], 2);
                }
        for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(read.header.file_uvw_m[i], -set.rows[i / 3].uvw_m[i % 3]);
    }
    Read const read(set);
    EXPECT_EQ(read.header.correlations, (std::vector{Correlation::XX, Correlation::YY}));
    EXPECT_EQ(read.header.time_mjd_s, (std::vector{start_s, start_s + 10}));
    EXPECT_EQ(read.header.integration_s, (std::vector{10.0, 10.0}));
    EXPECT_TRUE(read.header.present.empty());
    EXPECT_TRUE(read.header.exposure_s.empty());
    EXPECT_EQ(read.header.channel_width_hz.front(), 1e6);
    EXPECT_EQ(read.header.moments.front().scan, 1);
}

TEST(MsReader, FrequenciesOfAnotherFrameAreSaid)
{
    auto set = plain();
    for (int const sound : {-1, 5, 64}) {
        set.frequency_frame = sound;
        EXPECT_TRUE(Read(set).notes.empty()) << sound;
    }
    set.frequency_frame = 1;
    Read const read(set);
    ASSERT_EQ(read.notes.size(), 1U);
    EXPECT_NE(read.notes[0].find("SPECTRAL_WINDOW 0 are in the frame LSRK"), std::string::npos) << read.notes[0];
}

TEST(MsReader, AntennasComeBackToTheBit)
{
    auto const set = plain();
    Read const read(set);
    auto const& site = read.header.site;
    auto const origin = geocentric_m({site.latitude_rad, site.longitude_rad, site.altitude_m});
    for (std::size_t a = 0; a < 3; ++a)
        for (std::size_t i = 0; i < 3; ++i)
            EXPECT_EQ(read.header.antennas[a].position_m[i] + origin[i], set.antennas_itrf_m[a][i]);
    EXPECT_EQ(site.origin, "mean of the antennas");
}

TEST(MsReader, UvwFromFirstToSecondAntennaIsMirrored)
{
    auto set = plain();
    for (auto& row : set.rows)
        for (double& x : row.uvw_m) x = -x;
    Read const read(set);
    EXPECT_TRUE(read.header.mirrored);
    EXPECT_EQ(read.vis[0].im, set.vis(0, 0, 0).imag());
    EXPECT_EQ(read.header.file_uvw_m[0], set.rows[0].uvw_m[0]);
}

TEST(MsReader, SwappedRowsTurnBackAndExchangeCrossHands)
{
    auto set = plain();
    set.polarizations = {{9, 10, 11, 12}};
    std::swap(set.rows[1].ant1, set.rows[1].ant2);
    for (double& x : set.rows[1].uvw_m) x = -x;
    Read const read(set);
    int const exchanged[] = {0, 2, 1, 3};
    for (int p = 0; p < 4; ++p) {
        auto const at = read.at(0, 1, 1, exchanged[p]);
        EXPECT_EQ(read.vis[at].re, set.vis(1, 1, p).real());
        EXPECT_EQ(read.vis[at].im, set.vis(1, 1, p).imag());
        EXPECT_EQ(read.vis[read.at(0, 0, 1, p)].im, -set.vis(0, 1, p).imag());
    }
    EXPECT_EQ(read.header.baselines[1].ant1, 0);
    EXPECT_EQ(read.header.file_uvw_m[3], set.rows[1].uvw_m[0]);
}

TEST(MsReader, DescendingAndShuffledChannelsAscend)
{
    auto set = plain();
    set.windows = {{1.3e9, 1.1e9, 1.2e9}};
    Read const shuffled(set);
    EXPECT_EQ(shuffled.header.freq_hz, (std::vector{1.1e9, 1.2e9, 1.3e9}));
    EXPECT_EQ(shuffled.vis[shuffled.at(1, 2, 0, 1)].re, set.vis(5, 1, 1).real());
    EXPECT_EQ(shuffled.vis[shuffled.at(1, 2, 2, 0)].re, set.vis(5, 0, 0).real());
    set.windows = {{1.3e9, 1.2e9, 1.1e9}};
    Read const descending(set);
    EXPECT_EQ(descending.vis[descending.at(0, 1, 0, 1)].re, set.vis(1, 2, 1).real());
}

TEST(MsReader, FlagsAreTheUnionAndWeightsOfNothingFlag)
{
    auto set = plain();
    set.rows[2].flag_row = true;
    set.flag = [](int r, int c, int) { return r == 0 && c == 1; };
    set.weight = [](int r, int c, int p) {
        if (r != 4) return 3.0F;
        return p == 0 ? NAN : c == 0 ? 0.0F : -1.0F;
    };
    Read const read(set);
    EXPECT_EQ(read.flag[read.at(0, 0, 0, 0)], 0);
    EXPECT_EQ(read.flag[read.at(0, 0, 1, 1)], flag_file);
    EXPECT_EQ(read.flag[read.at(0, 2, 0, 0)], flag_file);
    EXPECT_EQ(read.flag[read.at(1, 1, 0, 0)], flag_file);
    EXPECT_EQ(read.flag[read.at(1, 1, 1, 1)], flag_file);
    EXPECT_EQ(read.weight[read.at(1, 1, 0, 0)], 0);
    EXPECT_EQ(read.weight[read.at(0, 0, 0, 0)], 3);
}

TEST(MsReader, WeightsWithoutASpectrum)
{
    auto set = plain();
    set.weight_spectrum = false;
    EXPECT_EQ(Read(set).constant_weight, 2);
    set.weight = [](int r, int, int p) { return static_cast<float>(r + p); };
    Read const varying(set);
    EXPECT_EQ(varying.constant_weight, 0);
    EXPECT_EQ(varying.weight[varying.at(1, 0, 1, 1)], 4);
    EXPECT_EQ(varying.flag[varying.at(0, 0, 1, 0)], flag_file);  // weight 0
}

TEST(MsReader, RowsInAnyOrderAndMissingOnes)
{
    auto set = plain();
    auto const whole = set;
    set.rows = {whole.rows[5], whole.rows[0], whole.rows[4], whole.rows[1], whole.rows[3]};
    set.vis = [&](int r, int c, int p) {
        int const was[] = {5, 0, 4, 1, 3};
        return whole.vis(was[r], c, p);
    };
    Read const read(set);
    ASSERT_EQ(read.header.present, (std::vector<std::uint8_t>{1, 1, 0, 1, 1, 1}));
    EXPECT_EQ(read.vis[read.at(1, 2, 1, 1)].re, whole.vis(5, 1, 1).real());
    EXPECT_EQ(read.flag[read.at(0, 2, 0, 0)], flag_missing);
    EXPECT_EQ(read.weight[read.at(0, 2, 0, 0)], 0);
    EXPECT_EQ(read.vis[read.at(0, 2, 1, 1)].re, 0);
}

TEST(MsReader, SeveralWindowsBecomeOneAxis)
{
    auto set = plain();
    set.windows = {{2.0e9, 2.1e9}, {1.0e9, 1.1e9, 1.2e9}};
    set.descriptions = {{0, 0}, {1, 0}};
    auto const rows = set.rows;
    for (auto row : rows) {
        row.description = 1;
        set.rows.push_back(row);
    }
    set.rows.pop_back();
    Read const read(set);
    EXPECT_EQ(read.header.freq_hz, (std::vector{1.0e9, 1.1e9, 1.2e9, 2.0e9, 2.1e9}));
    EXPECT_TRUE(read.header.present.empty());
    EXPECT_EQ(read.vis[read.at(0, 1, 3, 0)].re, set.vis(1, 0, 0).real());
    EXPECT_EQ(read.vis[read.at(0, 1, 2, 1)].re, set.vis(7, 2, 1).real());
    EXPECT_EQ(read.flag[read.at(1, 2, 0, 0)], flag_missing);
    EXPECT_EQ(read.flag[read.at(1, 2, 4, 0)], 0);
    Read const one(set, {"DATA", "", "0"});
    EXPECT_EQ(one.header.freq_hz, (std::vector{2.0e9, 2.1e9}));
    set.windows[1] = {1.0e9, 2.05e9, 2.2e9};
    auto const error = error_of(set);
    EXPECT_TRUE(says(error, "overlap")) << error.what();
    EXPECT_TRUE(says(error, "--windows")) << error.what();
    EXPECT_NO_THROW(Read(set, {"DATA", "", "1"}));
    EXPECT_TRUE(says(error_of(set, {"DATA", "", "a"}), "no list of numbers"));
    EXPECT_TRUE(says(error_of(set, {"DATA", "", "7"}), "no row has spectral window 7"));
    EXPECT_TRUE(says(error_of(set, {"DATA", "", "0,7"}), "those that rows have: 0, 1"));
}

TEST(MsReader, SeveralFields)
{
    auto set = plain();
    set.fields = {{"north", 1.0, 0.5, {}}, {"south", 1.2, -0.5, {}}};
    for (std::size_t r = 3; r < 6; ++r) {
        set.rows[r].field = 1;
        set.rows[r].scan = 7;
    }
    Read const read(set);
    ASSERT_EQ(read.header.centres.size(), 2u);
    EXPECT_EQ(read.header.moments[1].centre, 1);
    EXPECT_EQ(read.header.moments[1].scan, 7);
    EXPECT_EQ(read.header.centres[1].name, "south");
    EXPECT_EQ(read.header.centres[1].direction.dec.value(), -0.5);
    for (char const* which : {"south", "1"}) {
        Read const one(set, {"DATA", which, ""});
        EXPECT_EQ(one.header.centres.size(), 1u);
        EXPECT_EQ(one.header.time_mjd_s, std::vector{start_s + 10});
        EXPECT_EQ(one.vis[0].re, set.vis(3, 0, 0).real());
    }
    EXPECT_TRUE(says(error_of(set, {"DATA", "west", ""}), "0 north, 1 south"));
}

TEST(MsReader, FieldsAtOneTimeAreRagged)
{
    auto set = plain();
    set.fields = {{"a", 1.0, 0.5, {}}, {"b", 1.2, 0.4, {}}};
    set.rows[5].field = 1;  // baseline 1-2 looks elsewhere at the second time
    Read const read(set);
    ASSERT_TRUE(read.header.ragged());
    EXPECT_EQ(read.header.moments.size(), 3u);
    EXPECT_EQ(read.header.moment_of, (std::vector<std::int32_t>{0, 0, 0, 1, 1, 2}));
    EXPECT_EQ(read.vis[read.at(1, 2, 0, 0)].re, set.vis(5, 0, 0).real());
}

TEST(MsReader, RowsThatAreThereTwiceAreKept)
{
    auto set = plain();
    set.rows[4] = set.rows[1];  // baseline 0-2 of the first time, and none of the second
    Read const read(set);
    ASSERT_TRUE(read.header.ragged());
    EXPECT_EQ(read.header.moment_of, (std::vector<std::int32_t>{0, 0, 0, 1, 0, 1}));
    EXPECT_EQ(read.vis[read.at(0, 1, 0, 0)].re, set.vis(1, 0, 0).real());
    EXPECT_EQ(read.vis[read.at(1, 1, 0, 0)].re, set.vis(4, 0, 0).real());
    ASSERT_EQ(read.notes.size(), 1U);
    EXPECT_NE(read.notes[0].find("1 rows have time"), std::string::npos) << read.notes[0];
}

/// XY alone of rows that stand both ways round, as it is written: what a row lacks is a flagged 0 without weight.
TEST(MsReader, OnePolarizationOfTurnedRows)
{
    auto set = plain();
    set.polarizations = {{10, 11}};
    auto const lacks = [](int r, int p) { return p == r % 2; };
    set.vis = [=](int r, int, int p) { return lacks(r, p) ? 0.0F : std::complex<float>(3.0F, 1.0F); };
    set.flag = [=](int r, int c, int p) { return lacks(r, p) || (r == 2 && c == 1); };
    set.weight = [=](int r, int, int p) { return lacks(r, p) ? 0.0F : 2.0F; };
    Read const read(set);
    for (int r = 0; r < 6; ++r)
        for (int c = 0; c < 2; ++c)
            for (int p = 0; p < 2; ++p)
                EXPECT_EQ(read.flag[read.at(r / 3, r % 3, c, p)], lacks(r, p)        ? flag_missing
                                                                  : r == 2 && c == 1 ? flag_file
                                                                                     : 0);
}

TEST(MsReader, TimesOfTheirOwnAreRagged)
{
    TinyMs set = plain();
    set.rows.clear();
    for (int t = 0; t < 8; ++t)  // 0-1 is averaged over eight times, 0-2 over four, 1-2 not at all
        for (auto const& [a, b, every] : {std::array{0, 1, 8}, {0, 2, 4}, {1, 2, 1}}) {
            if (t % every != every / 2) continue;
            TinyMs::Row row;
            row.time_s = start_s + 10 * t;
            row.ant1 = a;
            row.ant2 = b;
            row.interval_s = row.exposure_s = 10 * every;
            row.uvw_m = {100.0 * (b - a), 10, 1};
            set.rows.push_back(row);
        }
    set.rows.erase(set.rows.begin());
    Read const read(set);
    ASSERT_TRUE(read.header.ragged());
    EXPECT_EQ(read.header.baselines.size(), 3u);
    Index n = 0;
    for (auto const m : read.header.moment_of) n += m >= 0;
    EXPECT_EQ(n, std::ssize(set.rows));
    EXPECT_EQ(std::count(read.header.present.begin(), read.header.present.end(), 1), n);
    EXPECT_FALSE(read.header.exposure_s.empty());
}

TEST(MsReader, FramesOfDirections)
{
    auto set = plain();
    set.frame = "J2000";
    auto const j2000 = Read(set).header.centres[0].direction;
    EXPECT_NE(j2000.ra.value(), 1.0);
    EXPECT_NEAR(j2000.ra.value(), 1.0, 2e-7);
    set.frame = "";
    EXPECT_EQ(Read(set).header.centres[0].direction.ra.value(), j2000.ra.value());
    set.frame = "HADEC";
    set.fields[0].ra = 0;
    EXPECT_EQ(Read(set).header.centres[0].kind, PhaseReference::meridian);
    set.frame = "AZELGEO";
    EXPECT_EQ(Read(set).header.centres[0].kind, PhaseReference::horizon);
    set.frame = "GALACTIC";
    EXPECT_TRUE(says(error_of(set), "GALACTIC"));
    set.frame = "ICRS";
    set.row_frames = {"B1950"};
    Read const old(set);
    EXPECT_GT(std::abs(old.header.centres[0].direction.ra.value()), 0.01);
    EXPECT_TRUE(old.header.file_uvw_m.empty());
    set.row_frames = {"ECLIPTIC"};
    EXPECT_TRUE(says(error_of(set), "ECLIPTIC"));
}

TEST(MsReader, OtherColumnsAreRead)
{
    auto set = plain();
    set.column = "CORRECTED_DATA";
    EXPECT_EQ(Read(set, {"CORRECTED_DATA", "", ""}).vis[0].re, 1);
}

TEST(MsReader, ChangesNothing)
{
    Scratch const scratch;
    plain().write(scratch / "x.ms");
    auto const before = hash_tree(scratch / "x.ms");
    auto const bytes = tree_bytes(scratch / "x.ms");
    std::filesystem::remove(scratch / "x.ms/table.lock");
    auto const lock_less = tree_bytes(scratch / "x.ms");
    MsReader const reader(scratch / "x.ms");
    EXPECT_EQ(hash_tree(scratch / "x.ms"), before);
    EXPECT_EQ(tree_bytes(scratch / "x.ms"), lock_less);
    EXPECT_FALSE(std::filesystem::exists(scratch / "x.ms/table.lock"));
    EXPECT_GT(bytes, 0u);
    EXPECT_TRUE(is_measurement_set(scratch / "x.ms"));
    EXPECT_FALSE(is_measurement_set(scratch / "x.ms/ANTENNA"));
    EXPECT_FALSE(is_measurement_set(scratch.path()));
}

TEST(Wgs84, ThereAndBack)
{
    for (double const latitude : {-1.5707963267948966, -0.7, 0.0, 0.65, 1.57079632})
        for (double const altitude : {-400.0, 0.0, 1188.0, 5000.0}) {
            SCOPED_TRACE(latitude);
            auto const xyz = geocentric_m({latitude, -2.06, altitude});
            auto const back = geodetic(xyz);
            auto const again = geocentric_m(back);
            for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(again[i], xyz[i], 1e-8);
            EXPECT_NEAR(back.latitude_rad, latitude, 1e-14);
            EXPECT_NEAR(back.altitude_m, altitude, 1e-8);
        }
    auto const known = geocentric_m({0, 0, 0});
    EXPECT_EQ(known[0], 6378137.0);
}

}  // namespace
}  // namespace nocturne
