// Groups to Measurement Sets as a user asks for them: ranks, fields, windows, replacing, a run with a database, pyuvdata's cells.
#include "tests/support/program.hpp"

#include "db/query.hpp"
#include "io/ms_read_tables.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <sstream>

namespace nocturne {
namespace {

class MsExportRoad : public test::ProgramTest {
protected:
    std::string path(std::string const& name) const { return (scratch_ / name).string(); }
    bool stands(std::string const& name) const { return std::filesystem::exists(scratch_ / name); }
    std::string strays() const { return shell("ls -A | grep tmp- || true").out; }
};

TEST_F(MsExportRoad, TwoRanksMakeTheSameAsOne)
{
    simulate("g");
    auto const one = nocturne("convert g --ms one.ms --columns all --json");
    ASSERT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(one.json()["ms"]["rows"], 3 * 45);
    EXPECT_GT(one.json()["ms"]["bytes_compared"], 0);
    for (auto const* key : {"write_s", "sync_s", "readback_s"}) EXPECT_GT(one.json()["ms"][key], 0) << key;
    auto const two = mpi(2, "convert g --ms two.ms --columns all --memory 0.0001 --quiet");
    ASSERT_EQ(two.code, 0) << two.err;
    EXPECT_EQ(shell("for f in one.ms/table.*; do cmp $f two.ms/${f#one.ms/} || echo $f; done").out, "");
    EXPECT_EQ(strays(), "");
}

TEST_F(MsExportRoad, FieldsPerTimeAndWindowsPerSubband)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms a.ms --fields per-time --spw split --telescope-name DSA_110").code, 0);
    auto const table = ms::Table::open(path("a.ms"));
    EXPECT_EQ(table.rows(), 3U * 45 * 16);
    auto const fields = table.subtable("FIELD");
    EXPECT_EQ(fields.strings("NAME"),
              (std::vector<std::string>{"meridian_icrs_t0", "meridian_icrs_t1", "meridian_icrs_t2"}));
    EXPECT_NE(fields.double_cell("PHASE_DIR", 0, 2)[0], fields.double_cell("PHASE_DIR", 1, 2)[0]);
    EXPECT_EQ(table.integers("SCAN_NUMBER").back(), 3);
    EXPECT_EQ(table.integers("DATA_DESC_ID").back(), 15);
    EXPECT_EQ(table.subtable("OBSERVATION").strings("TELESCOPE_NAME").front(), "DSA_110");
    EXPECT_EQ(table.subtable("SPECTRAL_WINDOW").rows(), 16U);
}

TEST_F(MsExportRoad, OneFieldOfManyCentresIsRefused)
{
    simulate("g");
    auto const refused = nocturne("convert g --ms a.ms --phase-center each --fields one");
    EXPECT_EQ(refused.code, 78) << refused.err;
    EXPECT_FALSE(stands("a.ms"));
    EXPECT_EQ(strays(), "");
}

TEST_F(MsExportRoad, NowhereAndBothAreUsageErrors)
{
    simulate("g");
    EXPECT_EQ(nocturne("convert g").code, 64);
    EXPECT_EQ(nocturne("convert g --to none --ms a.ms").code, 64);
    EXPECT_EQ(nocturne("convert g --ms a.ms --columns DATA,WEIGHTS").code, 78);
    auto const nothing = nocturne("convert g --to none --time --json");
    EXPECT_EQ(nothing.code, 0) << nothing.err;
    EXPECT_TRUE(nothing.json()["ms"].is_null());
    EXPECT_GT(nothing.json()["wall_s"], 0);
}

TEST_F(MsExportRoad, ALimitOfFileSizesIsNamed)
{
    simulate("g");
    auto const refused = shell("(ulimit -f 20; " + program() + " convert g --ms a.ms --quiet)");
    EXPECT_EQ(refused.code, 74) << refused.err;
    EXPECT_NE(refused.err.find("ulimit -f"), std::string::npos) << refused.err;
    EXPECT_FALSE(stands("a.ms"));
}

/// Solutions are chosen by the strip that the dishes looked at, wherever the set was moved to.
TEST_F(MsExportRoad, ASetThatWasMovedStaysInItsStrip)
{
    simulate("g");
    shell("mkdir in");
    ASSERT_EQ(nocturne("convert g --ms in/near.ms --quiet").code, 0);
    ASSERT_EQ(nocturne("convert g --ms in/far.ms --quiet --phase-center 345,50").code, 0);
    ASSERT_EQ(nocturne("index scan in --db d.sqlite").code, 0);
    auto session = db::Session::open(path("d.sqlite"), db::OpenMode::existing);
    db::Query query(session, "SELECT dec_deg FROM hdf5_files ORDER BY filename");
    auto& dec = query.real();
    ASSERT_TRUE(query.fetch());
    double const far = dec.get();
    ASSERT_TRUE(query.fetch());
    EXPECT_NEAR(far, dec.get(), 1e-6);
}

TEST_F(MsExportRoad, AnOlderSetIsReplacedAndAnythingElseIsNot)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms a.ms --correlations all4").code, 0);
    ASSERT_EQ(nocturne("convert g --ms a.ms").code, 0);
    EXPECT_EQ(ms::Table::open(path("a.ms")).subtable("POLARIZATION").integers("NUM_CORR").front(), 2);
    EXPECT_EQ(strays(), "");
    shell("mkdir results && touch results/precious");
    auto const refused = nocturne("convert g --ms results");
    EXPECT_EQ(refused.code, 73) << refused.err;
    EXPECT_TRUE(stands("results/precious"));
    EXPECT_EQ(nocturne("convert g --ms results/precious").code, 73);
}

TEST_F(MsExportRoad, ARunRecordsItAndLeavesItsUsersAlone)
{
    simulate("g");
    auto const command =
        "run g --out out --ms --db d.sqlite --json --weighting natural" + std::string(test::small_image);
    auto const ran = nocturne(command);
    ASSERT_EQ(ran.code, 0) << ran.err;
    auto const name = shell("ls out | grep ms$").out;
    ASSERT_FALSE(name.empty());
    auto const set = path("out/" + name.substr(0, name.size() - 1));
    EXPECT_EQ(ms::Table::open(set).rows(), 3U * 45);
    EXPECT_NE(shell("cat out/*/*.xxh128").out.find(".ms/table.dat"), std::string::npos);
    {
        auto session = db::Session::open(path("d.sqlite"), db::OpenMode::existing);
        db::Query query(session,
                        "SELECT i.ms_path, m.path, p.writer_type FROM images i JOIN ms_index m ON m.path = i.ms_path "
                        "JOIN performance_metrics p ON p.group_id = m.group_id");
        auto &image = query.text(), &index = query.text(), &writer = query.text();
        ASSERT_TRUE(query.fetch());
        EXPECT_EQ(image.get(), std::filesystem::canonical(set).string());
        EXPECT_EQ(index.get(), image.get());
        EXPECT_EQ(writer.get(), "nocturne");
    }
    shell("echo changed >> out/*.ms/table.info");
    EXPECT_EQ(nocturne(command).json()["groups"]["skipped"], 1);
    shell("rm -r out/*.ms");
    EXPECT_EQ(nocturne(command).json()["groups"]["done"], 1);
    EXPECT_TRUE(std::filesystem::exists(set));
}

// ---- pyuvdata's cells ---------------------------------------------------------------------------------------------------

struct Written {
    double time = 0, ra = 0, dec = 0;
    std::string ant1, ant2, field;
    double value[14] =
        {};  ///< channel, corr type, re, im, flag, weight spectrum, weight, sigma, u, v, w, exposure, scan
};

std::string without_spaces(std::string text)
{
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    return text;
}

/// Our table, by (time, antennas): the row.
std::map<std::string, std::uint32_t> rows_by_place(ms::Table const& table)
{
    auto const time = table.doubles("TIME");
    auto const a = table.integers("ANTENNA1"), b = table.integers("ANTENNA2"), f = table.integers("FIELD_ID");
    auto const names = table.subtable("ANTENNA").strings("NAME"), fields = table.subtable("FIELD").strings("NAME");
    std::map<std::string, std::uint32_t> rows;
    for (std::uint32_t r = 0; r < time.size(); ++r) {
        std::ostringstream key;
        key << std::llround(100 * time[r]) << "|" << without_spaces(names[static_cast<std::size_t>(a[r])]) << "|"
            << without_spaces(names[static_cast<std::size_t>(b[r])]);
        rows[key.str() + "|" + without_spaces(fields[static_cast<std::size_t>(f[r])])] = r;
        rows[key.str()] = r;
    }
    return rows;
}

template<class T>
std::vector<T> cell(ms::Table const& table, char const* column, ms::Cell type, std::uint32_t row)
{
    auto const cells = table.cells(column, type);
    auto const shape = cells.shape(row);
    std::size_t n = 1;
    for (auto extent : shape) n *= static_cast<std::size_t>(extent);
    std::vector<T> values(n);
    cells.read({row}, shape, values.data());
    return values;
}

void expect_as_pyuvdata(ms::Table const& table, std::uint32_t row, Written const& w, std::vector<int> const& types)
{
    auto const p =
        static_cast<std::size_t>(std::find(types.begin(), types.end(), static_cast<int>(w.value[1])) - types.begin());
    auto const at = static_cast<std::size_t>(w.value[0]) * types.size() + p;
    auto const data = cell<std::complex<float>>(table, "DATA", ms::Cell::complex_f32, row)[at];
    auto const uvw = cell<double>(table, "UVW", ms::Cell::f64, row);
    // Ours come from the antenna positions, and the samples follow them; pyuvdata hands on those of the file.
    double const turns =
        table.subtable("SPECTRAL_WINDOW").double_cell("CHAN_FREQ", 0, 100000).at(static_cast<std::size_t>(w.value[0])) /
        299792458.0 * (uvw[2] - w.value[10]);
    auto const wanted = std::complex<double>(w.value[2], w.value[3]) * std::polar(1.0, -2 * 3.14159265358979 * turns);
    EXPECT_LT(std::abs(std::complex<double>(data) - wanted), 2e-6 * std::abs(wanted) + 1e-30);
    if (w.value[5] > 0) {  // negative nsamples are flags to us
        EXPECT_EQ(cell<std::uint8_t>(table, "FLAG", ms::Cell::boolean, row)[at], w.value[4]);
        EXPECT_FLOAT_EQ(cell<float>(table, "WEIGHT_SPECTRUM", ms::Cell::f32, row)[at], static_cast<float>(w.value[5]));
        EXPECT_FLOAT_EQ(cell<float>(table, "WEIGHT", ms::Cell::f32, row)[p], static_cast<float>(w.value[6]));
        EXPECT_FLOAT_EQ(cell<float>(table, "SIGMA", ms::Cell::f32, row)[p], static_cast<float>(w.value[7]));
    }
    double const length = std::hypot(w.value[8], w.value[9], w.value[10]);
    // The ATA's differ by 1.2e-3.
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(uvw[i], w.value[8 + i], 1e-4 + 2e-3 * length);
    EXPECT_DOUBLE_EQ(table.doubles("EXPOSURE")[row], w.value[11]);
    EXPECT_EQ(table.integers("SCAN_NUMBER")[row], w.value[12]);
    EXPECT_NEAR(table.doubles("TIME")[row], w.time, 2e-5);  // a Julian date's last bit is 4e-5 s
    auto const field = static_cast<std::uint64_t>(table.integers("FIELD_ID")[row]);
    auto const direction = table.subtable("FIELD").double_cell("PHASE_DIR", field, 2);
    EXPECT_NEAR(std::remainder(direction[0] - w.ra, 2 * 3.14159265358979), 0, 1e-9);
    EXPECT_NEAR(direction[1], w.dec, 1e-9);
}

/// tests/golden/ms/written_<name>.txt, made by make_written.py from tests/golden/uvh5/<name>.uvh5.
TEST_F(MsExportRoad, CellsArePyuvdatas)
{
    for (std::string const name : {"ata_3c286", "centre_a_time", "centres_at_one_time"}) {
        SCOPED_TRACE(name);
        auto const made = nocturne("convert " NOCTURNE_SOURCE_DIR "/tests/golden/uvh5/" + name + ".uvh5 --ms " + name +
                                   ".ms --fields per-time");
        ASSERT_EQ(made.code, 0) << made.err;
        auto const table = ms::Table::open(path(name + ".ms"));
        std::ifstream text(NOCTURNE_SOURCE_DIR "/tests/golden/ms/written_" + name + ".txt");
        std::size_t n_rows = 0, n_channels = 0, n_types = 0, n_fields = 0, seen = 0;
        double first = 0, last = 0;
        text >> n_rows >> n_channels >> n_types >> first >> last >> n_fields;
        std::vector<int> types(n_types);
        for (int& type : types) text >> type;
        EXPECT_EQ(table.rows(), n_rows);
        auto const freq = table.subtable("SPECTRAL_WINDOW").double_cell("CHAN_FREQ", 0, 100000);
        EXPECT_EQ(freq.size(), n_channels);
        EXPECT_DOUBLE_EQ(freq.front(), first);
        EXPECT_DOUBLE_EQ(freq.back(), last);
        EXPECT_EQ(table.subtable("POLARIZATION").integer_cell("CORR_TYPE", 0, 4), types);
        auto const rows = rows_by_place(table);
        Written w;
        while (text >> w.time >> w.ant1 >> w.ant2 >> w.field >> w.ra >> w.dec) {
            for (int i = 0; i < 13; ++i) {
                std::string word;  // nan does not parse as a number
                text >> word;
                w.value[i] = std::strtod(word.c_str(), nullptr);
            }
            std::ostringstream key;
            key << std::llround(100 * w.time) << "|" << w.ant1 << "|" << w.ant2;
            auto found = rows.find(key.str() + "|" + w.field);
            if (found == rows.end()) found = rows.find(key.str());
            ASSERT_NE(found, rows.end()) << key.str();
            expect_as_pyuvdata(table, found->second, w, types);
            ++seen;
        }
        EXPECT_EQ(seen, 150U);
    }
}

}  // namespace
}  // namespace nocturne
