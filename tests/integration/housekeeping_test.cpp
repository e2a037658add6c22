// Room and order by hand: raw files that are archived may go, temporary files of dead jobs go, nothing else does.
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class Reap : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        simulate("raw");
        shell("cp -r raw archive");
        ASSERT_EQ(nocturne("index scan raw --db d.sqlite").code, 0);
    }
    void finish() const { ASSERT_EQ(nocturne("run raw --out out --imsize 128 --cell 20 --db d.sqlite").code, 0); }
    test::Outcome reap(std::string const& more = "") const
    {
        return nocturne("data reap --location raw --archive archive --db d.sqlite --json " + more);
    }
    long files() const { return std::stol(shell("ls raw/*.hdf5 2>/dev/null | wc -l").out); }
    std::string logged() const
    {
        return shell(
                   "python3 -c \"import sqlite3; print(sqlite3.connect('d.sqlite').execute('select count(*), "
                   "count(deleted_at) from deletion_log').fetchone())\"")
            .out;
    }
};

TEST_F(Reap, NothingGoesWithoutBeingAsked)
{
    finish();
    auto const plan = reap();
    EXPECT_EQ(plan.code, 0) << plan.err;
    EXPECT_EQ(plan.json()["may_go"], 16);
    EXPECT_EQ(plan.json()["deleted"], 0);
    EXPECT_EQ(files(), 16);
    EXPECT_EQ(reap("--dry-run --delete").code, 64);
}

TEST_F(Reap, ArchivedFilesOfFinishedGroupsGoAndAreRemembered)
{
    EXPECT_EQ(reap("--delete").json()["files"][0]["refused"], "group_not_finished");
    EXPECT_EQ(files(), 16);
    finish();
    auto const gone = reap("--delete");
    EXPECT_EQ(gone.code, 0) << gone.err;
    EXPECT_EQ(gone.json()["deleted"], 16);
    EXPECT_EQ(files(), 0);
    EXPECT_EQ(logged(), "(16, 16)\n");
    EXPECT_EQ(reap("--delete").json()["files"].size(), 0U);
    EXPECT_EQ(nocturne("run raw --out out --imsize 128 --cell 20 --db d.sqlite").code, 0) << "its results stand";
}

/// A run that lives has seen files of groups that it has not come to yet.
TEST_F(Reap, NothingGoesBesideARunOnTheSameFiles)
{
    simulate("raw", "--start 2026-03-01T06:00:00");
    shell("cp raw/* archive");
    finish();
    auto const said =
        shell(program() + " run raw --out out --imsize 4096 --cell 5 --db d.sqlite --quiet >log 2>&1 & pid=$!; " +
              "for i in $(seq 200); do " + program() +
              " queue show --db d.sqlite | grep -q in_progress && break; sleep 0.05; done; " + program() +
              " data reap --location raw --archive archive --db d.sqlite --delete; code=$?; kill -9 "
              "$pid; wait $pid; exit $code");
    EXPECT_EQ(said.code, 75) << said.err;
    EXPECT_NE(said.err.find("works on them"), std::string::npos) << said.err;
    EXPECT_EQ(files(), 32);
    nocturne("housekeeping --db d.sqlite");
    EXPECT_EQ(reap("--delete").json()["deleted"], 16) << "of the group that the killed run did not hold";
}

TEST_F(Reap, ARunSaysHowManyGroupsStayAsTheyWere)
{
    std::string const words = "run raw --out out --imsize 128 --db d.sqlite --cell ", gone = "1 finished group of ";
    finish();
    EXPECT_EQ(nocturne(words + "30").err.find(gone), std::string::npos) << "its files are there";
    ASSERT_EQ(reap("--delete").json()["deleted"], 16);
    auto const as_before = nocturne(words + "30");
    EXPECT_EQ(as_before.code, 0);
    EXPECT_EQ(as_before.err.find(gone), std::string::npos) << as_before.err;
    auto const other = nocturne(words + "40");
    EXPECT_EQ(other.code, 0);
    EXPECT_NE(other.err.find(gone), std::string::npos) << other.err;
    EXPECT_NE(other.err.find("the raw files are gone"), std::string::npos) << other.err;
    EXPECT_EQ(nocturne(words + "40 --since 2099-01-01").err.find(gone), std::string::npos);
}

TEST_F(Reap, ADamagedCopyStopsEverything)
{
    finish();
    shell(
        "python3 -c \"import glob; f = open(sorted(glob.glob('archive/*_sb03.hdf5'))[0], 'r+b'); f.seek(4000); b = "
        "f.read(1); f.seek(4000); f.write(bytes([b[0] ^ 1]))\"");
    auto const refused = reap("--delete");
    EXPECT_EQ(refused.code, 65) << refused.out;
    EXPECT_EQ(refused.json()["deleted"], 0);
    EXPECT_NE(refused.out.find("copy_differs"), std::string::npos);
    EXPECT_EQ(files(), 16);
    EXPECT_EQ(logged(), "(0, 0)\n");
}

TEST_F(Reap, AGroupGoesAsAWholeOrStays)
{
    finish();
    shell("rm archive/*_sb07.hdf5");
    auto const refused = reap("--delete");
    EXPECT_EQ(refused.code, 66) << refused.out;
    EXPECT_NE(refused.out.find("too_few_copies"), std::string::npos);
    EXPECT_NE(refused.out.find("group_stays"), std::string::npos);
    EXPECT_EQ(files(), 16);
    EXPECT_EQ(reap("--copies 2 --delete").code, 66);
}

TEST_F(Reap, ALinkIsNoCopy)
{
    finish();
    shell(
        "rm archive/*_sb07.hdf5; ln raw/*_sb07.hdf5 archive/; rm archive/*_sb08.hdf5; ln -s ../raw/$(basename "
        "raw/*_sb08.hdf5) archive/");
    auto const refused = reap("--delete");
    EXPECT_NE(refused.out.find("copy_is_file"), std::string::npos) << refused.out << refused.err;
    EXPECT_EQ(files(), 16);
    EXPECT_EQ(nocturne("data reap --location raw --archive raw --db d.sqlite").code, 64);
    EXPECT_EQ(nocturne("data reap --location raw --archive . --db d.sqlite").code, 64);
    EXPECT_EQ(nocturne("data reap --location raw --archive nowhere --db d.sqlite").code, 66);
}

/// By an overlay the device has another number, with xino the inode, too.
TEST_F(Reap, TheSameDirectoryByAnotherMountIsNoCopy)
{
    auto const within = [&](std::string const& xino, std::string const& command) {
        return shell(
            "unshare -m bash -c 'mount -t tmpfs none none && mount -t overlay none -o lowerdir=raw:none,xino=" + xino +
            " by && " + command + "'");
    };
    shell("mkdir by none");
    if (within("off", "true").code != 0) GTEST_SKIP() << "no mounts for this user";
    finish();
    for (auto const& [xino, code] : {std::pair("off", 66), std::pair("on", 65)}) {
        auto const said = within(xino, program() + " data reap --location raw --archive by --db d.sqlite --delete");
        EXPECT_EQ(said.code, code) << xino << said.out << said.err;
        EXPECT_EQ(files(), 16) << xino << said.out << said.err;
        EXPECT_EQ(logged(), "(0, 0)\n");
    }
    // Nor are two mounts of one archive two archives.
    shell("mkdir arc by2; cp raw/*.hdf5 arc");
    auto const twice = shell(
        "unshare -m bash -c 'mount -t tmpfs none none && mount -t overlay none -o lowerdir=arc:none,xino=off by2 && " +
        program() + " data reap --location raw --archive arc --archive by2 --copies 2 --db d.sqlite --delete'");
    EXPECT_NE(twice.code, 0) << twice.out;
    EXPECT_EQ(files(), 16) << twice.out;
}

TEST_F(Reap, AFileThatChangedStays)
{
    finish();
    shell(
        "python3 -c \"import glob; f = open(sorted(glob.glob('raw/*_sb03.hdf5'))[0], 'r+b'); f.seek(4000); b = "
        "f.read(1); f.seek(4000); f.write(bytes([b[0] ^ 1]))\"");
    auto const refused = reap("--delete");
    EXPECT_EQ(refused.code, 65) << refused.out;
    EXPECT_NE(refused.out.find("\"changed\""), std::string::npos) << refused.out;
    EXPECT_EQ(files(), 16);
}

TEST_F(Reap, WhatAKilledCallLeftIsToldByTheDisk)
{
    finish();
    // One file was set aside, one was not come to and is there, one was not come to and somebody took it away.
    shell(
        "python3 -c \"import sqlite3, os; c = sqlite3.connect('d.sqlite'); rows = c.execute('select path, group_id, "
        "file_size_bytes, xxh128 from hdf5_files order by path limit 3').fetchall(); [c.execute('insert into "
        "deletion_log (id, path, group_id, bytes, xxh128, copies, verified_at) values (?, ?, ?, ?, ?, ?, 1)', (i + 1, "
        "*r, '[]')) for i, r in enumerate(rows)]; c.commit(); a = rows[0][0]; os.rename(a, os.path.dirname(a) + '/.' + "
        "os.path.basename(a) + '.reaped-1'); os.rename(rows[2][0], 'taken')\"");
    EXPECT_EQ(logged(), "(3, 0)\n");
    auto const rest = reap("--delete");
    EXPECT_EQ(rest.code, 65) << "a file is missing that the index has: " << rest.out;
    EXPECT_EQ(logged(), "(0, 0)\n") << "nothing has gone by us";
    EXPECT_EQ(shell("ls -A raw | grep -c reaped").out, "0\n");
    EXPECT_EQ(files(), 15) << "what was set aside has its name again";
}

TEST_F(Reap, WhatAKilledCallSetAsideIsJudgedAnew)
{
    finish();
    // Set aside and recorded as deleted, then killed; meanwhile its copy went bad.
    shell(
        "python3 -c \"import sqlite3, os; c = sqlite3.connect('d.sqlite'); r = c.execute('select path, group_id, "
        "file_size_bytes, xxh128 from hdf5_files order by path limit 1').fetchone(); c.execute('insert into "
        "deletion_log (id, path, group_id, bytes, xxh128, copies, verified_at, deleted_at) values (1, ?, ?, ?, ?, ?, "
        "1, 2)', (*r, '[]')); c.execute('update hdf5_files set stored = 0 where path = ?', r[:1]); c.commit(); a = "
        "r[0]; os.rename(a, os.path.dirname(a) + '/.' + os.path.basename(a) + '.reaped-1'); open('archive/' + "
        "os.path.basename(a), 'w').write('no more')\"");
    EXPECT_EQ(files(), 15);
    EXPECT_EQ(reap("--delete").code, 65) << "a copy is not what was indexed";
    EXPECT_EQ(files(), 16) << "the last sound one";
    EXPECT_EQ(logged(), "(0, 0)\n");
    shell("cp raw/*.hdf5 archive");
    EXPECT_EQ(reap("--delete").json()["deleted"], 16);
    EXPECT_EQ(logged(), "(16, 16)\n");
}

class Tidy : public Reap {
protected:
    std::string house(std::string const& more) const
    {
        auto const end = nocturne("housekeeping --db d.sqlite --json " + more);
        EXPECT_EQ(end.code, 0) << end.err;
        return end.json()["strays"].dump();
    }
};

TEST_F(Tidy, OldTemporariesOfOtherHostsGoAndNothingElse)
{
    shell(
        "mkdir -p out/a; cd out/a; touch .x.fits.tmp-far-1-1 .x.fits.tmp-far.a-b.org-12-3 .young.tmp-far-1-1 "
        "x.tmp-far-1-1 "
        ".x.tmp-far-1 .x.fits.tmp-$(hostname)-$$-1; mkdir .y.ms.tmp-far-1-2; touch .y.ms.tmp-far-1-2/part; touch -d "
        "'2 days ago' .x* x* .y.ms.tmp-far-1-2");
    EXPECT_EQ(house("--tidy out"), "3") << "two of another host, and one of this host's dead";
    EXPECT_EQ(shell("ls -A out/a").out, ".x.tmp-far-1\n.y.ms.tmp-far-1-2\n.young.tmp-far-1-1\nx.tmp-far-1-1\n");
    EXPECT_EQ(house("--tidy out --temp-age 0"), "2");
    EXPECT_EQ(shell("ls -A out/a").out, ".x.tmp-far-1\nx.tmp-far-1-1\n");
}

TEST_F(Tidy, FilesThatComeAndGoMeanwhileAreNoTrouble)
{
    shell("mkdir -p out/a");
    auto const busy = shell(
        "(for i in $(seq 400); do mkdir -p out/a/d$i/e; touch out/a/d$i/.x.tmp-far-1-1; rm -rf out/a/d$i; done) & "
        "maker=$!; worst=0; while kill -0 $maker 2>/dev/null; do " +
        program() + " housekeeping --db d.sqlite --tidy out >/dev/null || worst=$?; done; echo $worst");
    EXPECT_EQ(busy.out, "0\n") << busy.err;
}

TEST_F(Tidy, AnotherNameOfAnInputsDirectoryIsTheSameDirectory)
{
    shell("mkdir out; mv raw out/raw; ln -s out/raw other; touch -d '2 days ago' out/raw/.z.tmp-far-1-1");
    ASSERT_EQ(nocturne("index scan out/raw --db d.sqlite").code, 0);
    EXPECT_EQ(nocturne("housekeeping --tidy other --db d.sqlite").code, 64);
    EXPECT_EQ(nocturne("housekeeping --tidy other/ --db d.sqlite").code, 64);
    EXPECT_EQ(shell("find out -name '.z*' | wc -l").out, "1\n");
}

TEST_F(Tidy, DirectoriesOfInputsAreLeftAlone)
{
    shell(
        "mkdir out; mv raw out/raw; touch -d '2 days ago' out/raw/.z.tmp-far-1-1; mkdir out/raw/below; touch -d '2 "
        "days "
        "ago' out/raw/below/.z.tmp-far-1-1");
    ASSERT_EQ(nocturne("index scan out/raw --db d.sqlite").code, 0);
    EXPECT_EQ(house("--tidy out"), "0");
    EXPECT_EQ(nocturne("housekeeping --tidy out/raw --db d.sqlite").code, 64);
    auto const below = nocturne("housekeeping --tidy out/raw/below --db d.sqlite");
    EXPECT_EQ(below.code, 64);
    EXPECT_NE(below.err.find("holds input files"), std::string::npos) << below.err;
    EXPECT_EQ(shell("find out -name '.z*' | wc -l").out, "2\n");
}

}  // namespace
}  // namespace nocturne
