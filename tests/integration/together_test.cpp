// Several at work in one directory at once: runs, and scans of a watch. Each group is done once, whoever looked when.
#include "driver/index.hpp"
#include "tests/support/program.hpp"

#include "db/query.hpp"

namespace nocturne {
namespace {

class Together : public test::ProgramTest {
protected:
    std::string run(std::string const& more = "") const
    {
        return "run g -o out --imsize 64 --cell 60 --json --db d.sqlite " + more;
    }
    db::Session database() const { return db::Session::open((scratch_ / "d.sqlite").string()); }
    std::int64_t count(std::string const& what) const
    {
        auto session = database();
        db::Query query(session, "SELECT count(*) FROM " + what);
        auto& n = query.integer();
        return query.fetch() ? n.get() : -1;
    }
    /// Each group went to `completed` once, no result took the place of another, all checksums are known.
    void expect_done_once() const
    {
        EXPECT_EQ(count("status_history WHERE entity = 'group' AND status = 'completed'"), 1);
        EXPECT_EQ(count("group_runs WHERE error LIKE 'retired:%'"), 0);
        EXPECT_EQ(count("hdf5_files WHERE status = 'present' AND xxh128 IS NULL"), 0);
    }
};

/// The second run looks at the files before the first one begins, and stores what it saw after that one has ended.
TEST_F(Together, ARunThatStoresItsScanLateTakesNothingBack)
{
    simulate("g");
    ScanOptions options;
    options.hashing = Hashing::later;
    options.reach = Reach::directory;
    test::Outcome first;
    options.look_at_many = [&](std::vector<std::string> const&) {
        first = nocturne(run());
        return std::map<std::string, ProbedFile>{};
    };
    auto session = database();
    auto const scanned = scan_directory((scratch_ / "g").string(), options, session);
    EXPECT_EQ(first.code, 0) << first.err;
    EXPECT_EQ(scanned.counts.reopened_groups, 0);
    EXPECT_EQ(nocturne(run()).json()["groups"]["skipped"], 1);
    expect_done_once();
}

TEST_F(Together, ARunFindsOutTheChecksumsOfWhatIsDone)
{
    simulate("g");
    ASSERT_EQ(nocturne(run()).code, 0);
    {
        auto session = database();
        db::Query(session, "UPDATE hdf5_files SET xxh128 = NULL WHERE subband_num > 7").run();
    }
    auto const again = nocturne(run());
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(again.json()["groups"]["skipped"], 1) << again.out;
    EXPECT_EQ(again.json()["groups"]["done"], 0);
    expect_done_once();
}

/// What a run found ready it does, though a watch would still wait for more files.
TEST_F(Together, AWatchBesideARunTakesNoGroupBack)
{
    simulate("g");
    shell("rm g/*_sb1[2-5].hdf5");
    ASSERT_EQ(nocturne("index scan g --db d.sqlite --partial-after 0s").code, 0);
    EXPECT_EQ(nocturne("groups --db d.sqlite --json").json()[0]["state"], "pending");
    ASSERT_EQ(nocturne("watch --once g --db d.sqlite --min-subbands 12").code, 0);
    EXPECT_EQ(nocturne("groups --db d.sqlite --json").json()[0]["state"], "pending");
    EXPECT_EQ(nocturne(run("--dry-run")).json()["left"], 0);
}

}  // namespace
}  // namespace nocturne
