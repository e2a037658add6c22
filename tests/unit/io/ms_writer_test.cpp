// A Measurement Set through casacore and back: every column against what was handed over, for each shape of group.
#include "io/ms_writer.hpp"
#include "io/ms_create.hpp"
#include "io/ms_read_tables.hpp"
#include "io/ms_readback.hpp"
#include "io/ms_subtables.hpp"
#include "nocturne/error.hpp"
#include "tests/unit/io/ms_group.hpp"
#include "tests/unit/io/scratch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <numeric>

namespace nocturne {
namespace {

using test::Scratch;
using Group = test::MsGroup;

/// Made, written in blocks of `step` from the last to the first, read back.
void write(Group& group, std::string const& path, Index step = 4)
{
    create_measurement_set(path, group.request);
    MsWriter writer(path, path, group.request);
    for (Index first = (group.nb() - 1) / step * step; first >= 0; first -= step)
        writer.write(group.block(first, std::min(step, group.nb() - first)));
    writer.sync();
    EXPECT_EQ(writer.rows_written(), MsRows(group.request).n_rows());
    auto const back = read_back(path, group.request, writer.samples());
    EXPECT_EQ(back.rows, MsRows(group.request).n_rows());
    EXPECT_GT(back.bytes_compared, 0U);
}

template<class T>
std::vector<T> cell(ms::Table const& table, MsColumn column, std::uint32_t row)
{
    auto const type = sizeof(T) == 1              ? ms::Cell::boolean
                      : sizeof(T) == 4            ? ms::Cell::f32
                      : std::is_same_v<T, double> ? ms::Cell::f64
                                                  : ms::Cell::complex_f32;
    auto const cells = table.cells(name(column), type);
    auto const shape = cells.shape(row);
    std::vector<T> values(
        static_cast<std::size_t>(std::accumulate(shape.begin(), shape.end(), std::int64_t(1), std::multiplies<>())));
    cells.read({row}, shape, values.data());
    return values;
}

struct Flag {
    std::uint8_t set;
};

/// A row of one window: integration t, baseline b.
struct RowAt {
    Index t, b;
    MsWindow window;
    std::uint32_t row;
};

void expect_samples(Group const& group, ms::Table const& table, MsCorrelationPlan const& plan, RowAt const& at)
{
    auto const data = cell<Vis>(table, MsColumn::data, at.row);
    auto const flags = cell<Flag>(table, MsColumn::flag, at.row);
    ASSERT_EQ(data.size(), static_cast<std::size_t>(at.window.n_channels) * plan.source.size());
    auto spectrum = std::vector<float>(data.size());
    bool const weighted = group.request.columns.weight_spectrum;
    if (weighted) spectrum = cell<float>(table, MsColumn::weight_spectrum, at.row);
    std::size_t i = 0;
    for (Index c = 0; c < at.window.n_channels; ++c)
        for (int const p : plan.source) {
            auto const from = p < 0 ? 0 : group.at(at.t, at.b, at.window.first_channel + c, p);
            bool const there = p >= 0 && !(group.flag[from] & flag_missing);
            ASSERT_EQ(data[i].re, there ? group.vis[from].re : 0) << at.row << " " << i;
            ASSERT_EQ(data[i].im, there ? -group.vis[from].im : 0);
            unsigned any = p < 0 ? 0 : group.flag[from];
            for (Index q = 0; p < 0 && q < group.np(); ++q)
                any |= group.flag[group.at(at.t, at.b, at.window.first_channel + c, q)];
            ASSERT_EQ(flags[i].set, (any & ~unsigned(flag_auto)) != 0);
            ASSERT_EQ(spectrum[i], weighted && there ? group.weight[from] : 0);
            ++i;
        }
}

void expect_other_columns(Group const& group, ms::Table const& table, MsCorrelationPlan const& plan, RowAt const& at)
{
    auto const uvw = cell<double>(table, MsColumn::uvw, at.row);
    for (std::size_t k = 0; k < 3; ++k)
        ASSERT_EQ(uvw[k], -group.uvw[static_cast<std::size_t>((at.t * group.nb() + at.b) * 3) + k]);
    auto const data = cell<Vis>(table, MsColumn::data, at.row);
    if (group.request.columns.corrected_data) {
        auto const corrected = cell<Vis>(table, MsColumn::corrected_data, at.row);
        for (std::size_t k = 0; k < data.size(); ++k) {
            ASSERT_EQ(corrected[k].re, data[k].re);
            ASSERT_EQ(corrected[k].im, data[k].im);
        }
    }
    if (!group.request.columns.model_data) return;
    auto const model = cell<Vis>(table, MsColumn::model_data, at.row);
    for (std::size_t k = 0; k < model.size(); ++k) {
        int const code = plan.corr_type[k % plan.corr_type.size()];
        ASSERT_EQ(model[k].re, code == 9 || code == 12 || code == 1 ? 1 : 0);
        ASSERT_EQ(model[k].im, 0);
    }
}

/// Every cell of every row against the definition in ms_writer.hpp.
void expect_all_cells(Group const& group, std::string const& path)
{
    auto const table = ms::Table::open(path);
    MsRows const rows(group.request);
    Index seen = 0;
    for (Index t = 0; t < group.nt(); ++t)
        for (Index b = 0; b < group.nb(); ++b)
            for (std::size_t w = 0; w < rows.windows().size(); ++w) {
                auto const at = rows.row({t, b, w}).row;
                if (at < 0) continue;
                ++seen;
                RowAt const row{t, b, rows.windows()[w], static_cast<std::uint32_t>(at)};
                expect_samples(group, table, rows.correlations(), row);
                expect_other_columns(group, table, rows.correlations(), row);
            }
    EXPECT_EQ(seen, rows.n_rows());
}

TEST(MsWriter, EveryCellOfAGroupComesBack)
{
    Scratch const dir;
    Group group(4, 6, {12}, {Correlation::XX, Correlation::YY});
    group.request.columns = {true, true, true};
    write(group, dir / "a.ms");
    expect_all_cells(group, dir / "a.ms");
}

TEST(MsWriter, MissingSamplesAreZerosAndFlagged)
{
    Scratch const dir;
    Group group(2, 4, {8, 8}, {Correlation::XX, Correlation::YY});
    for (Index i = 0; i < std::ssize(group.flag); ++i)
        if (i / group.np() % group.nc() >= 8) group.flag[static_cast<std::size_t>(i)] = flag_missing;
    write(group, dir / "a.ms");
    expect_all_cells(group, dir / "a.ms");
}

TEST(MsWriter, SubbandsMissingAtTheEndsAreLeftOut)
{
    Scratch const dir;
    Group group(2, 4, {4, 4, 4, 4, 4}, {Correlation::XX, Correlation::YY});
    for (std::size_t s : {0U, 2U, 4U}) group.request.header.subbands[s].n_channels = 0;
    for (Index i = 0; i < std::ssize(group.flag); ++i)
        if (i / group.np() % group.nc() / 4 % 2 == 0) group.flag[static_cast<std::size_t>(i)] = flag_missing;
    MsRows const rows(group.request);
    ASSERT_EQ(rows.windows().size(), 1U);
    EXPECT_EQ(rows.windows()[0].first_channel, 4);
    EXPECT_EQ(rows.windows()[0].n_channels, 12);
    write(group, dir / "a.ms");
    expect_all_cells(group, dir / "a.ms");
    auto const weight = cell<float>(ms::Table::open(dir / "a.ms"), MsColumn::weight, 0);
    EXPECT_GT(weight[0], 1) << "the median of channels that are there, not of the zeros between";
    group.request.windows = MsWindows::split;
    EXPECT_EQ(MsRows(group.request).windows().size(), 2U);
}

TEST(MsWriter, FourCorrelationsWhereTheDataHaveTwo)
{
    Scratch const dir;
    Group group(3, 4, {5}, {Correlation::YY, Correlation::XX});
    group.request.correlations = MsCorrelations::all4;
    group.request.columns = {true, false, true};
    write(group, dir / "a.ms");
    MsRows const rows(group.request);
    EXPECT_EQ(rows.correlations().corr_type, (std::vector<int>{9, 10, 11, 12}));
    EXPECT_EQ(rows.correlations().source, (std::vector<int>{1, -1, -1, 0}));
    expect_all_cells(group, dir / "a.ms");
}

TEST(MsWriter, BitsOfFlagsThatFillNoByte)
{
    Scratch const dir;
    Group group(3, 5, {7}, {Correlation::I});
    group.request.columns.weight_spectrum = false;
    write(group, dir / "a.ms", 2);
    expect_all_cells(group, dir / "a.ms");
}

TEST(MsWriter, WindowsPerSubbandOfEqualAndUnequalWidth)
{
    for (auto const& subbands : {std::vector<std::int64_t>{8, 8, 8}, std::vector<std::int64_t>{8, 6, 8}}) {
        Scratch const dir;
        Group group(3, 5, subbands, {Correlation::XX, Correlation::YY});
        group.request.windows = MsWindows::split;
        group.request.columns = {true, true, true};
        write(group, dir / "a.ms");
        expect_all_cells(group, dir / "a.ms");
        auto const windows = ms::Table::open(dir / "a.ms").subtable("SPECTRAL_WINDOW");
        EXPECT_EQ(windows.rows(), 3U);
        EXPECT_EQ(windows.double_cell("CHAN_FREQ", 1, 100).front(), group.request.header.freq_hz[8]);
    }
}

TEST(MsWriter, RowsThatNoFileHasAreNotWritten)
{
    Scratch const dir;
    Group group(4, 5, {8}, {Correlation::XX, Correlation::YY});
    auto& present = group.request.header.present;
    present.assign(static_cast<std::size_t>(group.nt() * group.nb()), 1);
    for (std::size_t i = 0; i < present.size(); i += 4) present[i] = 0;
    write(group, dir / "a.ms");
    EXPECT_EQ(ms::Table::open(dir / "a.ms").rows(), present.size() - (present.size() + 3) / 4);
    expect_all_cells(group, dir / "a.ms");
}

TEST(MsWriter, BaselinesWithTimesOfTheirOwn)
{
    Scratch const dir;
    Group group(4, 4, {8}, {Correlation::XX, Correlation::YY});
    auto& h = group.request.header;
    h.moments = {
        {61100 * day_s, 0, 0}, {61100 * day_s + 6, 0, 0}, {61100 * day_s + 3, 0, 0}, {61100 * day_s + 9, 0, 0}};
    for (Index t = 0; t < group.nt(); ++t)
        for (Index b = 0; b < group.nb(); ++b) {
            bool const slow = b % 2 == 1;
            h.moment_of.push_back(slow ? (t < 2 ? static_cast<std::int32_t>(t) : -1) : static_cast<std::int32_t>(t));
            h.exposure_s.push_back(slow ? 6 : 3);
        }
    write(group, dir / "a.ms");
    expect_all_cells(group, dir / "a.ms");
    auto const times = ms::Table::open(dir / "a.ms").doubles("TIME");
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
    EXPECT_EQ(ms::Table::open(dir / "a.ms").subtable("OBSERVATION").double_cell("TIME_RANGE", 0, 2),
              (std::vector<double>{61100 * day_s - 3, 61100 * day_s + 10.5}));
}

TEST(MsWriter, WeightIsTheMedianAndSigmaItsRoot)
{
    Scratch const dir;
    Group group(1, 2, {4}, {Correlation::XX, Correlation::YY});
    for (Index c = 0; c < 4; ++c) {
        float const values[] = {1, 9, 3, 5};
        group.weight[group.at(0, 0, c, 0)] = values[c];
        group.weight[group.at(0, 0, c, 1)] = 16;
    }
    write(group, dir / "a.ms");
    auto const table = ms::Table::open(dir / "a.ms");
    auto const weight = cell<float>(table, MsColumn::weight, 0), sigma = cell<float>(table, MsColumn::sigma, 0);
    EXPECT_FLOAT_EQ(weight[0], 4);
    EXPECT_FLOAT_EQ(weight[1], 16);
    EXPECT_FLOAT_EQ(sigma[0], 0.5);
    EXPECT_FLOAT_EQ(sigma[1], 0.25);
}

TEST(MsWriter, SubtablesSayWhatTheHeaderSays)
{
    Scratch const dir;
    Group group(2, 3, {4}, {Correlation::XX, Correlation::YY});
    write(group, dir / "a.ms");
    auto const table = ms::Table::open(dir / "a.ms");
    EXPECT_EQ(table.number_keyword("MS_VERSION"), 2.0);
    for (auto const* name : {"POINTING", "STATE", "FLAG_CMD", "PROCESSOR", "HISTORY", "FEED", "SOURCE", "ANTENNA",
                             "DATA_DESCRIPTION", "FIELD", "OBSERVATION", "POLARIZATION", "SPECTRAL_WINDOW"})
        EXPECT_TRUE(table.has_subtable(name)) << name;
    EXPECT_EQ(table.integers("FIELD_ID").back(), 1);
    EXPECT_EQ(table.integers("SCAN_NUMBER").back(), 2);
    auto const antennas = table.subtable("ANTENNA");
    EXPECT_EQ(antennas.strings("NAME"), (std::vector<std::string>{"ant0", "ant1", "ant2"}));
    EXPECT_EQ(antennas.strings("MOUNT").front(), "ALT-AZ");
    EXPECT_EQ(antennas.doubles("DISH_DIAMETER").front(), 4.65);
    EXPECT_EQ(antennas.double_cell("POSITION", 2, 3)[0], 20 + site_itrf_m(group.request.header.site)[0]);
    auto const fields = table.subtable("FIELD");
    EXPECT_EQ(fields.strings("NAME"), (std::vector<std::string>{"meridian_icrs_t0", "meridian_icrs_t1"}));
    for (auto const* column : {"PHASE_DIR", "REFERENCE_DIR", "DELAY_DIR"}) {
        EXPECT_EQ(fields.double_cell(column, 1, 2), (std::vector<double>{0.1, 0.5})) << column;
        EXPECT_EQ(fields.reference(column), "ICRS") << column;
    }
    EXPECT_EQ(table.subtable("OBSERVATION").strings("TELESCOPE_NAME").front(), "DSA_110");
    EXPECT_EQ(table.subtable("HISTORY").strings("MESSAGE"), group.request.history);
    EXPECT_EQ(table.subtable("POLARIZATION").integer_cell("CORR_TYPE", 0, 4), (std::vector<int>{9, 12}));
    EXPECT_EQ(table.subtable("SPECTRAL_WINDOW").integers("MEAS_FREQ_REF").front(), 5);
    EXPECT_TRUE(table.has("FLAG_CATEGORY"));
}

TEST(MsWriter, FeedsAndMountsAreThoseOfTheHeader)
{
    Scratch const dir;
    Group group(2, 3, {4}, {Correlation::XX});
    group.request.header.antennas[1].mount = "EQUATORIAL";
    group.request.header.antennas[1].receptors = "XY";
    group.request.header.antennas[1].receptor_angle_rad = {1.5, 0.25};
    group.request.header.history = "made elsewhere\n\nread there";
    write(group, dir / "a.ms");
    auto const table = ms::Table::open(dir / "a.ms");
    EXPECT_EQ(table.subtable("ANTENNA").strings("MOUNT"), (std::vector<std::string>{"ALT-AZ", "EQUATORIAL", "ALT-AZ"}));
    auto const feeds = table.subtable("FEED");
    EXPECT_EQ(feeds.integers("NUM_RECEPTORS"), (std::vector<std::int32_t>{1, 2, 1}));
    EXPECT_EQ(feeds.double_cell("RECEPTOR_ANGLE", 1, 2), (std::vector{1.5, 0.25}));
    EXPECT_EQ(feeds.double_cell("RECEPTOR_ANGLE", 0, 2), (std::vector{0.0}));
    EXPECT_EQ(feeds.string_cell("POLARIZATION_TYPE", 0, 2), (std::vector<std::string>{"X"}));
    EXPECT_EQ(table.subtable("HISTORY").strings("MESSAGE"),
              (std::vector<std::string>{"made elsewhere", "read there", "one line", "another"}));
}

TEST(MsWriter, WindowsOfOneFileAndTimesOfRows)
{
    Scratch const dir;
    Group group(2, 3, {8, 4}, {Correlation::XX, Correlation::YY});
    group.request.windows = MsWindows::split;
    group.request.header.window_first = {3};
    group.request.header.offset_s.assign(static_cast<std::size_t>(group.nt() * group.nb()), 0);
    group.request.header.offset_s[2] = 0.8e-3;
    write(group, dir / "a.ms");
    expect_all_cells(group, dir / "a.ms");
    auto const table = ms::Table::open(dir / "a.ms");
    auto const windows = table.subtable("SPECTRAL_WINDOW");
    EXPECT_EQ(windows.integers("NUM_CHAN"), (std::vector<std::int32_t>{3, 5, 4}));
    EXPECT_EQ(windows.double_cell("CHAN_FREQ", 1, 9).front(), group.request.header.freq_hz[3]);
    for (char const* column : {"TIME", "TIME_CENTROID"})
        EXPECT_NEAR(table.doubles(column)[2] - group.request.header.time_mjd_s[0], 0.8e-3, 1e-5) << column;
}

TEST(MsWriter, SamplesOfManyRunsAreFewAndOfEveryColumn)
{
    Scratch const dir;
    Group group(40, 9, {4}, {Correlation::XX, Correlation::YY});
    group.request.columns = {true, true, true};
    create_measurement_set(dir / "a.ms", group.request);
    MsWriter writer(dir / "a.ms", "a.ms", group.request);
    for (Index b = 0; b < group.nb(); ++b) writer.write(group.block(b, 1));
    writer.sync();
    EXPECT_LE(writer.samples().size(), MsWriter::most_samples);
    EXPECT_GE(writer.samples().size(), MsWriter::most_samples / 4);
    std::map<MsColumn, std::int64_t> last;
    for (auto const& sample : writer.samples()) last[sample.column] = std::max(last[sample.column], sample.first_row);
    EXPECT_EQ(last.size(), 8U);
    for (auto const& [column, row] : last) EXPECT_GT(row, MsRows(group.request).n_rows() / 2) << name(column);
    read_back(dir / "a.ms", group.request, writer.samples());
}

TEST(MsWriter, OneChangedByteIsSeenByTheReadBack)
{
    Scratch const dir;
    auto const path = dir / "a.ms";
    Group group(3, 5, {8}, {Correlation::XX, Correlation::YY});
    create_measurement_set(path, group.request);
    MsWriter writer(path, path, group.request);
    writer.write(group.block(0, group.nb()));
    writer.sync();
    for (auto const& tiles : plan_tiles(group.request, MsRows(group.request))) {
        if (tiles.column != MsColumn::data && tiles.column != MsColumn::flag) continue;
        auto const change = [&] {
            std::fstream file(path + "/" + tiles.file, std::ios::in | std::ios::out | std::ios::binary);
            file.seekg(tiles.row_bytes + 1);
            char byte = 0;
            file.get(byte);
            file.seekp(tiles.row_bytes + 1);
            file.put(static_cast<char>(byte ^ 4));
        };
        change();
        try {
            read_back(path, group.request, writer.samples());
            FAIL() << name(tiles.column) << ": a changed byte was not seen";
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::io);
            EXPECT_NE(std::string(error.what()).find(name(tiles.column)), std::string::npos) << error.what();
        }
        change();
    }
    read_back(path, group.request, writer.samples());
}

}  // namespace
}  // namespace nocturne
