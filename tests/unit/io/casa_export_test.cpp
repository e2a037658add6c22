// CASA tables of solutions, read back with casacore: columns, numbering of antennas, flags, units, the pivot of delays.
#include "io/casa_export.hpp"

#include "io/casa_import.hpp"
#include "io/ms_read_tables.hpp"
#include "tests/unit/io/scratch.hpp"
#include "tests/unit/io/tiny_ms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace nocturne {
namespace {

/// Three antennas of a telescope, of which 2 and 0 were solved for, in that order; YY alone or both hands.
CalTable table_of(CalKind kind, std::vector<Correlation> hands)
{
    CalTable table;
    table.kind = kind;
    table.telescope = {{"A", 1, {1, 0, 0}, 4.65}, {"B", 2, {2, 0, 0}, 4.65}, {"C", 3, {3, 0, 0}, 4.65}};
    table.antennas = {table.telescope[2], table.telescope[0]};
    table.correlations = std::move(hands);
    table.intervals = {{5.1e9, 5.1e9 + 60, 5.1e9 + 30}, {5.1e9 + 60, 5.1e9 + 120, 5.1e9 + 90}};
    table.freq_hz = {1.4e9};
    if (kind == CalKind::bandpass) table.freq_hz = {1.3e9, 1.4e9, 1.5e9};
    table.channel_width_hz.assign(table.freq_hz.size(), 1e6);
    table.reference_hz = 1.41e9;
    for (std::size_t k = 0; k < table.size(); ++k) {
        auto const x = static_cast<float>(k + 1);
        table.gain.emplace_back(x, -x);
        table.amplitude_error.push_back(0.01F * x);
        table.phase_error_rad.push_back(0.02F);
        table.delay_s.push_back(1e-9 * (static_cast<double>(k) + 1));
        table.delay_error_s.push_back(1e-10);
        table.flag.push_back(k == 1);
    }
    table.solves.resize(table.intervals.size() * table.correlations.size() * table.freq_hz.size());
    table.reference_antenna = 0;
    table.group_id = "2026-03-01T05:00:00";
    table.site = {"OVRO_MMA", 0.65, -2.06, 1188, "header"};
    return table;
}

template<class T>
std::vector<T> cell_of(ms::Table const& table, char const* column, ms::Cell type, std::uint32_t row,
                       std::int64_t channels)
{
    std::vector<T> values(static_cast<std::size_t>(2 * channels));
    table.cells(column, type).read(&row, 1, {2, channels}, values.data());
    return values;
}

TEST(CasaExport, BandpassHasARowForEveryAntennaOfTheTelescope)
{
    test::Scratch const scratch;
    auto const path = scratch / "set.B";
    auto const table = table_of(CalKind::bandpass, {Correlation::XX, Correlation::YY});
    write_casa_directory(path, table);
    auto const got = ms::Table::open(path);
    ASSERT_EQ(got.rows(), 6U);  // two intervals
    EXPECT_EQ(got.integers("ANTENNA1"), (std::vector<std::int32_t>{0, 1, 2, 0, 1, 2}));
    EXPECT_EQ(got.integers("ANTENNA2"), std::vector<std::int32_t>(6, 2));
    EXPECT_EQ(got.doubles("TIME")[3], 5.1e9 + 90);
    EXPECT_EQ(got.doubles("INTERVAL")[3], 60);
    auto const gain = cell_of<std::complex<float>>(got, "CPARAM", ms::Cell::complex_f32, 0, 3);
    EXPECT_EQ(gain[2 * 1 + 1], table.gain[table.at(0, 1, 1, 1)]);
    auto const error = cell_of<float>(got, "PARAMERR", ms::Cell::f32, 0, 3);
    EXPECT_EQ(error[2 * 1 + 1], table.amplitude_error[table.at(0, 1, 1, 1)]);
    auto const absent = cell_of<std::complex<float>>(got, "CPARAM", ms::Cell::complex_f32, 1, 3);
    EXPECT_EQ(absent, std::vector<std::complex<float>>(6, 1.0F));
    auto const flags = cell_of<std::uint8_t>(got, "FLAG", ms::Cell::boolean, 2, 3);
    EXPECT_EQ(flags, (std::vector<std::uint8_t>{0, 0, 1, 0, 0, 0}));  // the table's second value: XX of channel 1
    EXPECT_FALSE(got.cells("WEIGHT", ms::Cell::f32).defined(0));
    auto const windows = got.subtable("SPECTRAL_WINDOW");
    EXPECT_EQ(windows.double_cell("CHAN_FREQ", 0, 10), table.freq_hz);
    EXPECT_EQ(got.subtable("ANTENNA").strings("NAME"), (std::vector<std::string>{"A", "B", "C"}));
    for (auto const* name : {"OBSERVATION", "FIELD", "HISTORY"}) EXPECT_TRUE(got.has_subtable(name)) << name;
}

TEST(CasaExport, DelaysAreInNanosecondsWithTheirPivot)
{
    test::Scratch const scratch;
    auto const path = scratch / "set.K";
    write_casa_directory(path, table_of(CalKind::delay, {Correlation::XX, Correlation::YY}));
    auto const got = ms::Table::open(path);
    EXPECT_EQ(got.integers("ANTENNA2"), std::vector<std::int32_t>(6, -1));
    EXPECT_NEAR(cell_of<float>(got, "FPARAM", ms::Cell::f32, 0, 1)[0], 3, 1e-6);
    EXPECT_NEAR(cell_of<float>(got, "PARAMERR", ms::Cell::f32, 0, 1)[0], 0.1, 1e-6);
    EXPECT_EQ(got.subtable("SPECTRAL_WINDOW").double_cell("CHAN_FREQ", 0, 10), std::vector<double>{1.41e9});
}

TEST(CasaExport, AHandThatIsAbsentIsFlagged)
{
    test::Scratch const scratch;
    auto const path = scratch / "set.G";
    write_casa_directory(path, table_of(CalKind::gain, {Correlation::YY}));
    auto const got = ms::Table::open(path);
    EXPECT_EQ(cell_of<std::uint8_t>(got, "FLAG", ms::Cell::boolean, 2, 1), (std::vector<std::uint8_t>{1, 0}));
}

TEST(CasaExport, ComesBackAsItWentOut)
{
    test::Scratch const scratch;
    for (auto kind : {CalKind::delay, CalKind::bandpass, CalKind::gain}) {
        auto const path = scratch / (std::string("set.") + name(kind));
        auto const table = table_of(kind, {Correlation::XX, Correlation::YY});
        write_casa_directory(path, table);
        ASSERT_TRUE(is_casa_caltable(path));
        auto const back = read_casa_directory(path);
        ASSERT_EQ(back.tables.size(), 1U);
        auto const& got = back.tables.front();
        EXPECT_FALSE(back.names_hands);
        EXPECT_EQ(got.kind, kind);
        if (kind == CalKind::delay) {
            EXPECT_EQ(got.reference_hz, table.reference_hz);
        }
        EXPECT_EQ(got.intervals[1].time_mjd_s, table.intervals[1].time_mjd_s);
        EXPECT_EQ(got.intervals[1].end_mjd_s, table.intervals[1].end_mjd_s);
        ASSERT_EQ(got.antennas.size(), 3U);  // every antenna of the telescope
        EXPECT_EQ(got.antennas[2].name, "C");
        for (std::size_t i = 0; i < 2; ++i)
            for (std::size_t p = 0; p < 2; ++p)
                for (std::size_t c = 0; c < table.freq_hz.size(); ++c) {
                    auto const mine = table.at(i, 0, p, c), theirs = got.at(i, 2, p, c);
                    EXPECT_EQ(got.flag[theirs], table.flag[mine]);
                    EXPECT_EQ(got.flag[got.at(i, 1, p, c)], 1);
                    if (table.flag[mine]) continue;
                    bool const delay = kind == CalKind::delay;
                    EXPECT_NEAR(delay ? got.delay_s[theirs] : 0, delay ? table.delay_s[mine] : 0, 1e-15);
                    EXPECT_EQ(delay ? 1.0F : got.gain[theirs], delay ? 1.0F : table.gain[mine]);
                }
    }
}

/// As CASA's own tables are: INTERVAL is 0 in every row.
TEST(CasaExport, SolutionsWithoutALengthHoldHalfWayToTheirNeighbours)
{
    test::Scratch const scratch;
    auto table = table_of(CalKind::gain, {Correlation::XX, Correlation::YY});
    for (auto& interval : table.intervals) interval.start_mjd_s = interval.end_mjd_s = interval.time_mjd_s;
    write_casa_directory(scratch / "set.G", table);
    auto const got = read_casa_directory(scratch / "set.G").tables.front().intervals;
    ASSERT_EQ(got.size(), 2U);
    EXPECT_DOUBLE_EQ(got[0].start_mjd_s, 5.1e9);
    EXPECT_DOUBLE_EQ(got[0].end_mjd_s, 5.1e9 + 60);
    EXPECT_DOUBLE_EQ(got[1].start_mjd_s, 5.1e9 + 60);
    EXPECT_DOUBLE_EQ(got[1].end_mjd_s, 5.1e9 + 120);
}

/// As fluxscale's incremental tables are: a row of every field, all at one time.
TEST(CasaExport, FieldsThatDifferAtOneTimeAreRefused)
{
    test::Scratch const scratch;
    auto const path = scratch / "set.G";
    auto table = table_of(CalKind::gain, {Correlation::XX, Correlation::YY});
    table.intervals[1] = table.intervals[0];
    std::fill(table.gain.begin(), table.gain.end(), 1.5F);
    write_casa_directory(path, table);
    test::put_integers(path, "FIELD_ID", {0, 0, 0, 1, 1, 1});
    EXPECT_EQ(read_casa_directory(path).tables.front().intervals.size(), 1U) << "equal ones are one";
    table.gain.back() = 2.5F;  // of antenna A, the second solved
    write_casa_directory(scratch / "two.G", table);
    test::put_integers(scratch / "two.G", "FIELD_ID", {0, 0, 0, 1, 1, 1});
    try {
        read_casa_directory(scratch / "two.G");
        FAIL();
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input);
        for (auto const* word : {"antenna A", "(0) and 1"})
            EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
}

TEST(CasaExport, PhasesAloneAreKnownByTheirAmplitudes)
{
    test::Scratch const scratch;
    auto table = table_of(CalKind::gain, {Correlation::XX, Correlation::YY});
    write_casa_directory(scratch / "whole.G", table);
    for (auto& gain : table.gain) gain /= std::abs(gain);
    write_casa_directory(scratch / "phases.G", table);
    EXPECT_FALSE(read_casa_directory(scratch / "whole.G").tables.front().phase_only);
    EXPECT_TRUE(read_casa_directory(scratch / "phases.G").tables.front().phase_only);
}

TEST(CasaExport, OtherKindsAreRefusedByName)
{
    test::Scratch const scratch;
    auto const path = scratch / "set.D";
    write_casa_directory(path, table_of(CalKind::gain, {Correlation::XX, Correlation::YY}));
    std::ofstream(path + "/table.info") << "Type = Calibration\nSubType = D Jones\n";
    try {
        read_casa_directory(path);
        FAIL();
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input);
        EXPECT_NE(std::string(error.what()).find("'D Jones'"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace nocturne
