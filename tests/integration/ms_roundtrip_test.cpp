// A Measurement Set read and written without change is the same set: every cell of every table, and the keywords of its columns.
#include "tests/integration/table_differences.hpp"
#include "tests/support/program.hpp"

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
    EXPECT_EQ(after("casa.ms"), (Differences{"HISTORY has 12 rows"}));
}

TEST_F(MsRoundTrip, OfLofarWhoseUvwAreTheOtherWayRound)
{
    unpack("lofar");
    EXPECT_EQ(after("lofar.ms"), (Differences{"HISTORY has 5 rows"}));
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
    EXPECT_EQ(test::table_differences((scratch_ / "back.ms").string(), (scratch_ / "two.ms").string()),
              (Differences{"HISTORY.MESSAGE", "HISTORY.TIME"}));
}

/// What is asked for changes, all else stays.
TEST_F(MsRoundTrip, OnlyWhatIsAskedForChanges)
{
    unpack("casa");
    EXPECT_EQ(after("casa.ms", "--telescope-name VLA"),
              (Differences{"HISTORY has 12 rows", "OBSERVATION.TELESCOPE_NAME"}));
    auto const moved = after("casa.ms", "--phase-center 152.2,7.4");
    for (char const* name : {"MAIN.UVW", "MAIN.DATA", "FIELD.PHASE_DIR"})
        EXPECT_NE(std::find(moved.begin(), moved.end(), name), moved.end()) << name;
    for (char const* name : {"MAIN.TIME", "MAIN.WEIGHT", "MAIN.FLAG", "ANTENNA.MOUNT", "SPECTRAL_WINDOW.CHAN_FREQ"})
        EXPECT_EQ(std::find(moved.begin(), moved.end(), name), moved.end()) << name;
}

}  // namespace
}  // namespace nocturne
