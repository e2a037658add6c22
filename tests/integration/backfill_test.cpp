// What a directory lacks: nothing after a run, the one group whose image went away, only what lies in the window; and what arrives is recorded.
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class Backfill : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        simulate("in", "--start 2026-01-25T22:26:05");
        simulate("in", "--start 2026-01-25T22:36:05");
    }
    test::Outcome backfill(std::string const& more) const
    {
        return nocturne("backfill in --out out --db a.sqlite --arg imsize=64 --arg cell=60 --json " + more);
    }
};

TEST_F(Backfill, FillsInWhatIsMissing)
{
    EXPECT_EQ(backfill("--dry-run").json().size(), 2U);
    EXPECT_EQ(backfill("--runner local").json()["groups"]["done"], 2);
    EXPECT_EQ(backfill("--runner local").json(), nlohmann::json::array());
    std::filesystem::remove(scratch_ / "out/2026-01-25T223605/2026-01-25T223605-dirty.fits");
    auto const missing = backfill("--dry-run").json();
    ASSERT_EQ(missing.size(), 1U);
    EXPECT_EQ(missing[0]["group_id"], "2026-01-25T22:36:05");
    EXPECT_TRUE(backfill("--dry-run --until 2026-01-25T22:30:00").json().empty());
    EXPECT_EQ(backfill("--dry-run --since 2026-01-25T22:30:00").json().size(), 1U);
    auto const filled = backfill("--runner local --since 2026-01-25T22:30:00").json();
    EXPECT_EQ(filled["groups"]["done"], 1);
    EXPECT_EQ(filled["groups"]["skipped"], 0);                          // the other one is outside the window
    EXPECT_EQ(backfill("--dry-run --arg robust=0").json().size(), 2U);  // another configuration
    EXPECT_EQ(backfill("--dry-run -- --robust 0").code, 64);
}

TEST_F(Backfill, WatchRecordsWhatArrives)
{
    auto const once = nocturne("watch in --once --db w.sqlite --json");
    EXPECT_EQ(once.json()["new_groups"], 2);
    auto const said =
        shell(program() +
              " watch in --interval 1 --db w.sqlite --json >said & p=$!; sleep 1; cp in/2026-01-25T22:26:05_sb00.hdf5 "
              "in/2026-01-25T23:26:05_sb00.hdf5; sleep 3; kill -TERM $p; wait $p; echo $?; cat said");
    EXPECT_EQ(said.out.substr(0, 2), "0\n") << said.err;
    EXPECT_NE(said.out.find("\"new_files\":1"), std::string::npos) << said.out << said.err;
    EXPECT_EQ(nocturne("watch in --interval 0 --db w.sqlite").code, 64);
    EXPECT_EQ(nocturne("watch nowhere --once --db w.sqlite").code, 66);
}

TEST_F(Backfill, AWatchGoesOnWithWhatTookThePlaceOfItsDatabase)
{
    ASSERT_EQ(nocturne("watch in --once --db w.sqlite").code, 0);
    ASSERT_EQ(nocturne("db backup copy.sqlite --db w.sqlite").code, 0);
    auto const said = shell(
        "until_it() { for i in $(seq 300); do eval \"$1\" && return; sleep 0.1; done; }; " + program() +
        " watch in --interval 1 --db w.sqlite 2>said & p=$!; until_it '[ -e w.sqlite-wal ]'; sleep 1; mkdir old; mv "
        "w.sqlite* "
        "old; "
        "until_it 'grep -q w.sqlite said'; " +
        program() +
        " db restore copy.sqlite --db w.sqlite; cp in/2026-01-25T22:26:05_sb00.hdf5 in/2026-01-25T23:26:05_sb00.hdf5; "
        "until_it 'grep -q looked.at.again said'; until_it 'grep -q 1.new.files said'; kill -TERM $p; wait $p; "
        "code=$?; cat said "
        ">&2; "
        "exit $code");
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_NE(said.err.find("can be looked at again"), std::string::npos) << said.err;
    EXPECT_EQ(nocturne("groups --db w.sqlite --json").json().size(), 3U) << said.err;
}

TEST_F(Backfill, ARunKeepsARecord)
{
    auto const run = nocturne("run in --out out --db a.sqlite --imsize 64 --cell 60 --record rec --json");
    ASSERT_EQ(run.code, 0) << run.err;
    auto const status = nlohmann::json::parse(test::slurp(scratch_ / "rec/status.json"));
    EXPECT_EQ(status["state"], "COMPLETED");
    EXPECT_EQ(status["groups"]["ended_here"], 2);
    auto const result = nlohmann::json::parse(test::slurp(scratch_ / "rec/result.json"));
    EXPECT_EQ(result["groups"]["done"], 2);
    ASSERT_EQ(result["products"].size(), 8U);  // image, PSF, picture and report of two groups
    for (auto const& product : result["products"])
        EXPECT_EQ(product["bytes"], std::filesystem::file_size(product["path"].get<std::string>()));
    auto const again = nocturne("run in --out out --db a.sqlite --imsize 64 --cell 60 --record rec");
    EXPECT_EQ(again.code, 0);
    EXPECT_EQ(nlohmann::json::parse(test::slurp(scratch_ / "rec/result.json"))["products"], result["products"]);
    auto const sick = shell("NOCTURNE_SCRATCH=/nowhere " + program() + " run in --out out --db a.sqlite");
    EXPECT_EQ(sick.code, 71);
    EXPECT_NE(sick.err.find("this node takes no work"), std::string::npos) << sick.err;
}

}  // namespace
}  // namespace nocturne
