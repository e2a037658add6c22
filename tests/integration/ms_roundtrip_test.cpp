// A Measurement Set read and written without change is the same set: every cell of every table, and the keywords of its columns.
#include "tests/integration/table_differences.hpp"
#include "tests/support/program.hpp"

#include "io/ms_read_tables.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {
namespace {

using Differences = std::vector<std::string>;

class MsRoundTrip : public test::ProgramTest {
protected:
    void unpack(std::string const& name) const
    {
        ASSERT_EQ(shell("tar -xzf " NOCTURNE_SOURCE_DIR "/tests/golden/ms/" + name + ".tgz").code, 0);
    }
    /// Differences of a.ms and what convert makes of it.
    Differences after(std::string const& a, std::string const& options = "") const
    {
        auto const made = nocturne("convert " + a + " --ms back.ms --quiet " + options);
        EXPECT_EQ(made.code, 0) << made.err;
        return test::table_differences((scratch_ / a).string(), (scratch_ / "back.ms").string());
    }
};

TEST_F(MsRoundTrip, OfCasa)
{
    unpack("casa");
    EXPECT_EQ(after("casa.ms"), (Differences{"HISTORY has 13 rows"}));
}

TEST_F(MsRoundTrip, OfLofarWhoseUvwAreTheOtherWayRound)
{
    unpack("lofar");
    EXPECT_EQ(after("lofar.ms"), (Differences{"HISTORY has 6 rows"}));
    EXPECT_EQ(std::filesystem::exists(scratch_ / "lofar.ms/SOURCE"),
              std::filesystem::exists(scratch_ / "back.ms/SOURCE"));
}

TEST_F(MsRoundTrip, OfOurs)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms ours.ms --quiet --spw split --fields per-time --columns all").code, 0);
    auto const found = after("ours.ms", "--spw split --fields per-time");
    ASSERT_EQ(found.size(), 1U) << ::testing::PrintToString(found);
    EXPECT_EQ(found.front().substr(0, 7), "HISTORY");
    // The same again through two ranks.
    auto const two = mpi(2, "convert ours.ms --ms two.ms --quiet --spw split --fields per-time");
    ASSERT_EQ(two.code, 0) << two.err;
    auto differences = test::table_differences((scratch_ / "back.ms").string(), (scratch_ / "two.ms").string());
    std::erase(differences, "HISTORY.TIME");  // in seconds, and both may be made in one
    EXPECT_EQ(differences, (Differences{"HISTORY.MESSAGE"}));
}

/// table.info of a subtable, or of a table below it, which casacore can do without, missing or odd.
TEST_F(MsRoundTrip, OfSubtablesWithoutTheirInfo)
{
    unpack("casa");
    shell(
        "chmod -R u+w casa.ms; rm casa.ms/ANTENNA/table.info casa.ms/POINTING/table.info; echo odd "
        ">casa.ms/STATE/table.info; "
        "cp -r casa.ms/ANTENNA casa.ms/STATE/DEEP && rm -f casa.ms/STATE/DEEP/table.info");
    EXPECT_EQ(after("casa.ms"), (Differences{"HISTORY has 13 rows"}));
}

/// What is asked for and there already is taken over, not made anew; where it cannot go along, that is said.
TEST_F(MsRoundTrip, OfCalibratedColumns)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms a.ms --quiet --spw split --columns all").code, 0);
    test::scale_column((scratch_ / "a.ms").string(), "CORRECTED_DATA", 3);
    test::scale_column((scratch_ / "a.ms").string(), "MODEL_DATA", 5);
    for (std::string const columns : {"all", "CORRECTED_DATA", "MODEL_DATA,WEIGHT_SPECTRUM"}) {
        auto const found = after("a.ms", "--spw split --columns " + columns);
        ASSERT_EQ(found.size(), 1U) << columns << ::testing::PrintToString(found);
        EXPECT_EQ(found.front().substr(0, 7), "HISTORY");
    }
    auto const merged = nocturne("convert a.ms --ms merged.ms");
    EXPECT_EQ(merged.code, 0) << merged.err;
    EXPECT_NE(merged.err.find("CORRECTED_DATA, MODEL_DATA of "), std::string::npos) << merged.err;
    EXPECT_NE(merged.err.find("stay behind"), std::string::npos) << merged.err;
    // Moved, too; what is asked for by its name is a new one, and that is said.
    auto const moved = nocturne("convert a.ms --ms moved.ms --spw split --phase-center 340,37 --columns all");
    EXPECT_EQ(moved.code, 0) << moved.err;
    EXPECT_NE(moved.err.find("CORRECTED_DATA, MODEL_DATA of "), std::string::npos) << moved.err;
    EXPECT_NE(moved.err.find("the new CORRECTED_DATA is DATA"), std::string::npos) << moved.err;
    auto const table = ms::Table::open((scratch_ / "moved.ms").string());
    auto const data = table.cells("DATA", ms::Cell::complex_f32),
               corrected = table.cells("CORRECTED_DATA", ms::Cell::complex_f32);
    auto const shape = data.shape(0);
    std::vector<float> one(static_cast<std::size_t>(2 * shape[0] * shape[1])), other(one.size());
    std::uint32_t const row = 0;
    data.read(&row, 1, shape, one.data());
    corrected.read(&row, 1, shape, other.data());
    EXPECT_EQ(one, other);
}

/// XY of (ant2, ant1) is YX of (ant1, ant2), which the set has no place for: what is kept keeps its own.
TEST_F(MsRoundTrip, OfTurnedRowsWithACrossHandAlone)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms a.ms --quiet").code, 0);
    test::name_correlations((scratch_ / "a.ms").string(), {9, 10});
    test::turn_rows((scratch_ / "a.ms").string(), 2);
    auto const found = after("a.ms");
    ASSERT_EQ(found.size(), 1U) << ::testing::PrintToString(found);
    EXPECT_EQ(found.front().substr(0, 7), "HISTORY");
    // Rows that are made anew have both, and nothing is lost.
    auto const anew = nocturne("convert a.ms --ms four.ms --correlations all4 --quiet");
    ASSERT_EQ(anew.code, 0) << anew.err;
    struct Samples {
        std::int64_t good = 0, torn = 0;
    };
    auto const count = [&](std::string const& name) {
        auto const table = ms::Table::open((scratch_ / name).string());
        auto const flag = table.cells("FLAG", ms::Cell::boolean), data = table.cells("DATA", ms::Cell::complex_f32);
        Samples samples;
        for (std::uint32_t r = 0; r < table.rows(); ++r) {
            auto const shape = flag.shape(r);
            std::vector<std::uint8_t> flags(static_cast<std::size_t>(shape[0] * shape[1]));
            std::vector<Vis> values(flags.size());
            flag.read(&r, 1, shape, flags.data());
            data.read(&r, 1, shape, values.data());
            for (std::size_t i = 0; i < flags.size(); ++i) {
                samples.good += flags[i] == 0 && values[i].re != 0;
                samples.torn += flags[i] != flags[i - i % static_cast<std::size_t>(shape[0])];
            }
        }
        return samples;
    };
    EXPECT_GT(count("a.ms").good, 0);
    EXPECT_EQ(count("four.ms").good, count("a.ms").good);
    EXPECT_EQ(count("four.ms").torn, 0) << "DP3 takes a sample for flagged where one of its hands is";
    // Cross hands that nobody measured go through a set as they stand: 0, without weight, flagged as the others.
    ASSERT_EQ(nocturne("convert four.ms --ms again.ms --quiet").code, 0);
    EXPECT_EQ(count("again.ms").good, count("a.ms").good);
    EXPECT_EQ(count("again.ms").torn, 0);
}

/// Four correlations do not make a Stokes I of what has none.
TEST_F(MsRoundTrip, FourOfCrossHandsAlone)
{
    simulate("g");
    for (auto const& [hands, lacking] : {std::pair{std::vector{10, 11}, "nobody measured XX and YY"},
                                         std::pair{std::vector{6, 8}, "nobody measured RR"}}) {
        ASSERT_EQ(nocturne("convert g --ms a.ms --quiet").code, 0);
        test::name_correlations((scratch_ / "a.ms").string(), hands);
        auto const made = nocturne("convert a.ms --ms four.ms --correlations all4");
        ASSERT_EQ(made.code, 0) << made.err;
        EXPECT_NE(made.err.find(lacking), std::string::npos) << made.err;
        EXPECT_NE(made.err.find("no Stokes I"), std::string::npos) << made.err;
        EXPECT_EQ(nocturne("convert a.ms --ms two.ms").err.find("Stokes I"), std::string::npos);
    }
}

/// Beyond the last row, too, files hold zeros and not what was in memory.
TEST_F(MsRoundTrip, TwiceTheSameBytes)
{
    unpack("casa");
    for (std::string const name : {"one.ms", "two.ms"})
        ASSERT_EQ(nocturne("convert casa.ms --ms " + name + " --quiet --columns all --phase-center 10,20").code, 0);
    EXPECT_EQ(shell("diff -rq one.ms two.ms 2>&1 | grep -v HISTORY").out, "");
}

/// What is asked for changes, all else stays.
TEST_F(MsRoundTrip, OnlyWhatIsAskedForChanges)
{
    unpack("casa");
    EXPECT_EQ(after("casa.ms", "--telescope-name VLA"),
              (Differences{"HISTORY has 13 rows", "OBSERVATION.TELESCOPE_NAME"}));
    auto const moved = after("casa.ms", "--phase-center 152.2,7.4");
    for (char const* name : {"MAIN.UVW", "MAIN.DATA", "FIELD.PHASE_DIR"})
        EXPECT_NE(std::find(moved.begin(), moved.end(), name), moved.end()) << name;
    for (char const* name : {"MAIN.TIME", "MAIN.WEIGHT", "MAIN.FLAG", "ANTENNA.MOUNT", "SPECTRAL_WINDOW.CHAN_FREQ"})
        EXPECT_EQ(std::find(moved.begin(), moved.end(), name), moved.end()) << name;
}

}  // namespace
}  // namespace nocturne
