// Who names a directory that holds no data, or another one than was meant, is told so.
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class WrongPlace : public test::ProgramTest {
protected:
    static bool says(test::Outcome const& said, std::string const& words)
    {
        return said.err.find(words) != std::string::npos;
    }
    static std::string run(std::string const& place) { return "run " + place + " -o out --db d.sqlite"; }
};

TEST_F(WrongPlace, NoDataIsSaid)
{
    shell(
        "mkdir -p empty parent/2026-01-25 parent/other; echo x > parent/notes.txt; echo x > parent/2026-01-25/a.hdf5");
    auto const none = nocturne(run("empty"));
    EXPECT_EQ(none.code, 0) << "a directory that data come into";
    EXPECT_TRUE(says(none, "no data files in")) << none.err;
    auto const parent = nocturne(run("parent"));
    EXPECT_EQ(parent.code, 0);
    EXPECT_TRUE(says(parent, "1 file of another kind")) << parent.err;
    EXPECT_TRUE(says(parent, "1 sub-directory has some") && says(parent, "parent/2026-01-25")) << parent.err;
    EXPECT_TRUE(says(nocturne("index scan parent --db d.sqlite"), "no data files in"));
    auto const filled = nocturne("backfill parent -o out --db d.sqlite");
    EXPECT_TRUE(says(filled, "no data files in") && says(filled, "no group is there")) << filled.err;
    EXPECT_FALSE(says(filled, "every group")) << filled.err;
}

TEST_F(WrongPlace, ADirectoryWhoseFilesWentAwayIsNoWrongOne)
{
    simulate("in");
    ASSERT_EQ(nocturne("index scan in --db d.sqlite").code, 0);
    shell("rm in/*.hdf5");
    EXPECT_FALSE(says(nocturne("index scan in --db d.sqlite"), "no data files"));
}

TEST_F(WrongPlace, AWindowThatNothingLiesInIsRefused)
{
    shell("mkdir empty");
    EXPECT_EQ(nocturne(run("empty") + " --since 2026-02-01 --until 2026-01-01").code, 64);
    EXPECT_EQ(nocturne("backfill empty -o out --db d.sqlite --since 2026-02-01 --until 2026-01-01").code, 64);
    EXPECT_EQ(nocturne(run("empty") + " --since 2026-01-01 --until 2026-02-01").code, 0);
}

TEST_F(WrongPlace, FilesThatNobodyIndexedAreNoneThatMayGo)
{
    shell("mkdir in archive; echo x > in/a.hdf5");
    ASSERT_EQ(nocturne("db init --db d.sqlite").code, 0);
    auto const unknown = nocturne("data reap --location in --archive archive --db d.sqlite");
    EXPECT_EQ(unknown.code, 66) << unknown.out;
    EXPECT_TRUE(says(unknown, "1 data file")) << unknown.err;
    shell("rm in/a.hdf5");
    EXPECT_EQ(nocturne("data reap --location in --archive archive --db d.sqlite").code, 0) << "all has gone";
    EXPECT_EQ(nocturne("events drain --spool nodir --db d.sqlite").code, 66);
}

}  // namespace
}  // namespace nocturne
