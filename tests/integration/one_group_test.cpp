// The verbs that work on one group by hand: which files they take, what they refuse, and what they leave alone.
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class OneGroup : public test::ProgramTest {
protected:
    bool stands(std::string const& name) const { return std::filesystem::exists(scratch_ / name); }
    /// A bit of one file of the group in g, size and time as before.
    void flip_a_bit() const
    {
        auto const flipped = shell(
            "f=$(ls g/*_sb02.hdf5); touch -r $f stamp; b=$(dd if=$f bs=1 skip=60000 count=1 status=none | od -An "
            "-tu1); "
            "printf \"\\\\$(printf %o $((b ^ 4)))\" | dd of=$f bs=1 seek=60000 conv=notrunc status=none; touch -r "
            "stamp $f");
        ASSERT_EQ(flipped.code, 0) << flipped.err;
    }
};

TEST_F(OneGroup, WhatWasIndexedAndChangedIsRefusedByEveryVerb)
{
    simulate("g");
    ASSERT_EQ(nocturne("index scan g --db d.sqlite").code, 0);
    std::string const verbs[] = {"convert g --ms x.ms", "dump g --out x.npz",
                                 "image g --out x" + std::string(test::small_image), "flag g --out x.npz",
                                 "solve g --out x.h5"};
    ASSERT_EQ(nocturne(verbs[0] + " --db d.sqlite").code, 0);
    shell("rm -r x.ms");
    flip_a_bit();
    for (auto const& verb : verbs) {
        SCOPED_TRACE(verb);
        auto const refused = nocturne(verb + " --db d.sqlite");
        EXPECT_EQ(refused.code, 65) << refused.err;
        EXPECT_NE(refused.err.find("sb02.hdf5"), std::string::npos) << refused.err;
        EXPECT_NE(refused.err.find("not what was indexed"), std::string::npos) << refused.err;
        EXPECT_EQ(shell("ls -d x* 2>/dev/null | wc -l").out, "0\n");
    }
    EXPECT_EQ(nocturne(verbs[0] + " --db none.sqlite").code, 0) << "no database is there to know it";
}

TEST_F(OneGroup, ADamagedFileOfADirectoryFailsItAsInARun)
{
    simulate("g");
    shell("f=$(ls g/*_sb02.hdf5); dd if=/dev/zero of=$f bs=64 count=1 conv=notrunc status=none");
    for (std::string const verb : {"convert g --ms x.ms", "dump g --out x.npz", "image g --out x"}) {
        auto const refused = nocturne(verb);
        EXPECT_EQ(refused.code, 65) << refused.err;
        EXPECT_NE(refused.err.find("sb02.hdf5"), std::string::npos) << refused.err;
    }
}

TEST_F(OneGroup, MissingSubbandsAreSaid)
{
    simulate("g");
    shell("rm g/*_sb05.hdf5 g/*_sb11.hdf5");
    auto const made = nocturne("convert g --ms x.ms --json");
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(made.json()["missing_subbands"], (std::vector<int>{5, 11}));
    EXPECT_NE(made.err.find("lacks sb05 sb11"), std::string::npos) << made.err;
    EXPECT_EQ(shell("grep -c 'lacks sb05 sb11' -r x.ms/HISTORY | grep -vc ':0$'").out, "1\n");
}

TEST_F(OneGroup, OtherFilesAndMeasurementSetsOfADirectoryAreGroups)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms many/set.ms").code, 0);
    ASSERT_EQ(shell("cp " NOCTURNE_SOURCE_DIR "/tests/golden/uvh5/hera_zen.2458661.uvh5 many/").code, 0);
    auto const several = nocturne("convert many --to none");
    EXPECT_EQ(several.code, 64) << several.err;
    EXPECT_NE(several.err.find("hera_zen.2458661 set"), std::string::npos) << several.err;
    EXPECT_EQ(nocturne("convert many --group hera_zen.2458661 --to none --json").json()["n_subbands"], 1);
    EXPECT_EQ(nocturne("convert many --group set --to none --json").json()["n_baselines"], 45);
    EXPECT_EQ(nocturne("convert many --group other --to none").code, 66);
}

TEST_F(OneGroup, AnInputIsNeverAnOutput)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms x.ms").code, 0);
    shell("ln -s x.ms y.ms");
    auto const before = shell("find x.ms -type f | sort | xargs cat | md5sum").out;
    for (std::string const out : {"x.ms", "./x.ms/", "y.ms"}) {
        auto const refused = nocturne("convert x.ms --ms " + out);
        EXPECT_EQ(refused.code, 64) << refused.err;
    }
    EXPECT_EQ(shell("find x.ms -type f | sort | xargs cat | md5sum").out, before);
}

TEST_F(OneGroup, ARunWhoseProductsGoToItsInputsLeavesThemAlone)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms in/x.ms").code, 0);
    auto const before = shell("find in/x.ms -type f | sort | xargs cat | md5sum").out;
    auto const refused = nocturne("run in --out in --ms --db d.sqlite --json" + std::string(test::small_image));
    EXPECT_EQ(refused.code, 64) << refused.err;
    EXPECT_NE(refused.out.find("among the inputs"), std::string::npos) << refused.out;
    EXPECT_EQ(shell("find in/x.ms -type f | sort | xargs cat | md5sum").out, before);
}

TEST_F(OneGroup, TablesOfAnotherKindAreNotReplaced)
{
    simulate("g");
    shell("mkdir t.cal && touch t.cal/table.dat && echo 'Type = Calibration' > t.cal/table.info");
    auto const refused = nocturne("convert g --ms t.cal");
    EXPECT_EQ(refused.code, 73) << refused.err;
    EXPECT_EQ(shell("cat t.cal/table.info").out, "Type = Calibration\n");
}

TEST_F(OneGroup, LinksAreFollowedToWhereTheProductGoes)
{
    simulate("g");
    shell("mkdir disk && ln -s disk/a.ms a.ms && ln -s disk/b.npz b.npz");
    ASSERT_EQ(nocturne("convert g --ms a.ms").code, 0);
    ASSERT_EQ(nocturne("dump g --out b.npz").code, 0);
    EXPECT_TRUE(std::filesystem::is_symlink(scratch_ / "a.ms"));
    EXPECT_TRUE(stands("disk/a.ms/table.dat"));
    EXPECT_TRUE(std::filesystem::is_symlink(scratch_ / "b.npz"));
    EXPECT_TRUE(stands("disk/b.npz"));
    shell("ln -s loop.ms loop.ms");
    EXPECT_EQ(nocturne("convert g --ms loop.ms").code, 73);
}

TEST_F(OneGroup, PasswordsAreNotWrittenAnywhere)
{
    simulate("g");
    auto const made = nocturne("convert g/*.hdf5 --ms x.ms --calibrators 'postgresql://u:canary@host/x'");
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(shell("grep -rl canary x.ms || true").out, "");
    EXPECT_NE(shell("grep -rl 'u:\\*\\*\\*@host' x.ms").out, "");
}

TEST_F(OneGroup, NonsenseOnTheCommandLineIsAUsageError)
{
    simulate("g");
    for (std::string const memory : {"-3", "nan", "0", "inf", "much"})
        EXPECT_EQ(nocturne("convert g --to none --memory " + memory).code, 64) << memory;
    EXPECT_EQ(nocturne("convert g --to none --phase-center 400,5").code, 78);
    EXPECT_EQ(nocturne("run g/*_sb00.hdf5 --out out").code, 64);
    EXPECT_EQ(nocturne("convert g --ms off").code, 64);
}

}  // namespace
}  // namespace nocturne
