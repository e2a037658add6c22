// Copies of databases lie where all machines see them, databases do not. Enters: a directory that says it is on NFS.
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class Copies : public test::ProgramTest {
protected:
    void SetUp() override
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        GTEST_SKIP() << "calls are preloaded, and a sanitizer's library must come before everything";
#endif
        test::ProgramTest::SetUp();
        shell("mkdir nfs scratch");
        ASSERT_EQ(nocturne("db init a.sqlite").code, 0);
    }
    /// With `nfs` below the test's directory on a network file system.
    test::Outcome beside_nfs(std::string const& words, std::string const& scratch = "scratch") const
    {
        return shell("NOCTURNE_FAULT_NETWORK=$PWD/nfs NOCTURNE_SCRATCH=$PWD/" + scratch +
                     " LD_PRELOAD=" NOCTURNE_FAULTS " " + program() + " " + words);
    }
};

TEST_F(Copies, GoToANetworkFileSystemAndComeFromThere)
{
    for (int i = 0; i < 2; ++i) {
        auto const made = beside_nfs("db backup nfs/copy.sqlite --db a.sqlite --force");
        ASSERT_EQ(made.code, 0) << made.err;
    }
    EXPECT_EQ(shell("ls -A nfs scratch").out, "nfs:\ncopy.sqlite\ncopy.sqlite.xxh128\n\nscratch:\n");
    auto const sound = beside_nfs("db verify nfs/copy.sqlite");
    EXPECT_EQ(sound.code, 0) << sound.err;
    auto const restored = beside_nfs("db restore nfs/copy.sqlite --db b.sqlite");
    EXPECT_EQ(restored.code, 0) << restored.err;
    EXPECT_EQ(nocturne("db check --db b.sqlite").code, 0);
    EXPECT_EQ(shell("ls -A nfs").out, "copy.sqlite\ncopy.sqlite.xxh128\n");
    auto const database = beside_nfs("db restore nfs/copy.sqlite --db nfs/b.sqlite");
    EXPECT_EQ(database.code, 78) << database.err;
    EXPECT_NE(database.err.find("nfs/b.sqlite lies on a network"), std::string::npos) << database.err;
    EXPECT_EQ(beside_nfs("groups --db nfs/copy.sqlite").code, 78) << "a copy is no database";
}

TEST_F(Copies, AreRefusedByNameWhereNoDiskIsThisMachines)
{
    auto const refused = beside_nfs("db backup nfs/copy.sqlite --db a.sqlite", "nfs");
    EXPECT_EQ(refused.code, 78) << refused.err;
    EXPECT_NE(refused.err.find("NOCTURNE_SCRATCH"), std::string::npos) << refused.err;
    EXPECT_EQ(shell("ls -A nfs").out, "");
}

/// Pages and rows do not show a changed value: who relies on a copy hears that its checksum is missing.
TEST_F(Copies, WithoutTheirChecksumAreWarnedOf)
{
    ASSERT_EQ(nocturne("db backup c.sqlite --db a.sqlite").code, 0);
    auto const whole = nocturne("db verify c.sqlite --json");
    EXPECT_EQ(whole.json()["xxh128"].get<std::string>().size(), 32U);
    EXPECT_EQ(whole.err.find("checksum"), std::string::npos) << whole.err;
    for (std::string const how : {"rm", ": >"}) {
        shell(how + " c.sqlite.xxh128");
        auto const bare = nocturne("db verify c.sqlite --json");
        EXPECT_EQ(bare.code, 0);
        EXPECT_TRUE(bare.json()["xxh128"].is_null()) << bare.out;
        EXPECT_NE(bare.err.find("c.sqlite.xxh128, its checksum, is not there"), std::string::npos) << bare.err;
    }
    EXPECT_NE(nocturne("db restore c.sqlite --db d.sqlite").err.find("its checksum, is not there"), std::string::npos);
    EXPECT_NE(nocturne("db verify c.sqlite").out.find("as far as pages and rows tell"), std::string::npos);
}

TEST_F(Copies, DoNotTakeTheDatabasesPlace)
{
    shell("ln -s a.sqlite link.sqlite");
    for (std::string const file : {"a.sqlite", "./a.sqlite", "link.sqlite"}) {
        auto const refused = nocturne("db backup " + file + " --db a.sqlite --force");
        EXPECT_EQ(refused.code, 64) << refused.err;
        EXPECT_NE(refused.err.find("it is the database itself"), std::string::npos) << refused.err;
    }
    EXPECT_EQ(nocturne("db backup b.sqlite --db a.sqlite").code, 0);
    EXPECT_EQ(nocturne("db backup b.sqlite --db a.sqlite --force").code, 0);
}

}  // namespace
}  // namespace nocturne
