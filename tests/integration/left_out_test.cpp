// What lies in a directory is done, or named with what is wrong with it; nothing is passed over in silence.
#include "tests/integration/table_differences.hpp"
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

constexpr char const* small_sky = " --imsize 64 --cell 600 --min-subbands 1";

class LeftOut : public test::ProgramTest {
protected:
    void SetUp() override
    {
        ProgramTest::SetUp();
        shell("mkdir d; cp " NOCTURNE_SOURCE_DIR "/tests/golden/uvh5/hera_zen.2458661.uvh5 d/z.uvh5");
        shell("tar -xzf " NOCTURNE_SOURCE_DIR "/tests/golden/ms/lofar.tgz");
    }
    test::Outcome run(std::string const& more = "") const
    {
        return nocturne("run d --out o --db i.sqlite --json" + (small_sky + more));
    }
    /// A run ends with 65 and the name of the file, once and again.
    void expect_named(std::string const& name) const
    {
        for (int i = 0; i < 2; ++i) {
            auto const done = run();
            EXPECT_EQ(done.code, 65) << done.out << done.err;
            EXPECT_NE(done.err.find(name), std::string::npos) << done.err;
        }
    }
    void flip_a_bit(std::string const& path) const
    {
        std::fstream file(scratch_ / path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(-100, std::ios::end);
        auto const at = file.tellg();
        char const byte = static_cast<char>(file.get() ^ 4);
        file.seekp(at);
        file.put(byte);
    }
};

TEST_F(LeftOut, AFileOfAGroupOfOneThatChangedSinceItWasIndexed)
{
    for (std::string const worked_on :
         {"index scan d --db i.sqlite", "run d --out o --db i.sqlite --imsize 64 --cell 600"}) {
        ASSERT_EQ(
            shell("rm -rf o i.sqlite*; cp " NOCTURNE_SOURCE_DIR
                  "/tests/golden/uvh5/hera_zen.2458661.uvh5 d/z.uvh5; touch -d '1 hour ago' d/z.uvh5")  // it rests
                .code,
            0);
        ASSERT_EQ(nocturne(worked_on).code, 0);
        flip_a_bit("d/z.uvh5");
        expect_named("d/z.uvh5");
        shell("truncate -s 5000 d/z.uvh5");
        expect_named("d/z.uvh5");
        EXPECT_EQ(nocturne("groups --db i.sqlite --json").json()[0]["state"], "failed");
    }
    // A good copy mends it.
    shell("cp " NOCTURNE_SOURCE_DIR "/tests/golden/uvh5/hera_zen.2458661.uvh5 d/z.uvh5");
    auto const mended = run();
    EXPECT_EQ(mended.code, 0) << mended.err;
}

TEST_F(LeftOut, ASetThatLostATableSinceItWasIndexed)
{
    ASSERT_EQ(shell("mv lofar.ms d/x.ms; rm d/z.uvh5").code, 0);
    ASSERT_EQ(nocturne("index scan d --db i.sqlite").code, 0);
    shell("mv d/x.ms/ANTENNA/table.f0* .");
    expect_named("d/x.ms");
}

TEST_F(LeftOut, ASetWithoutItsTableDat)
{
    ASSERT_EQ(shell("mv lofar.ms d/x.ms; rm d/x.ms/table.dat").code, 0);
    expect_named("d/x.ms");
    auto const scan = nocturne("index scan d --db j.sqlite --json");
    EXPECT_EQ(scan.code, 65);
    EXPECT_NE(scan.out.find("x.ms"), std::string::npos) << scan.out;
    // By hand the one group is done, and the set is named; alone it is an error.
    auto const image = nocturne("image d --out i --imsize 64 --cell 600");
    EXPECT_EQ(image.code, 0) << image.err;
    EXPECT_NE(image.err.find("x.ms is left out"), std::string::npos) << image.err;
    shell("rm d/z.uvh5");
    auto const alone = nocturne("image d --out i --imsize 64 --cell 600");
    EXPECT_EQ(alone.code, 65) << alone.err;
    EXPECT_NE(alone.err.find("x.ms"), std::string::npos) << alone.err;
}

/// Its rows are another table's: no checksum covers them, and a product could be written over them.
TEST_F(LeftOut, ASelectionIsRefused)
{
    test::write_selection((scratch_ / "lofar.ms").string(), (scratch_ / "d/some.ms").string(), 10);
    expect_named("d/some.ms");
    auto const over = nocturne("convert d/some.ms --ms lofar.ms");
    EXPECT_EQ(over.code, 65) << over.err;
    EXPECT_NE(over.err.find("selection of other tables"), std::string::npos) << over.err;
}

TEST_F(LeftOut, ASetOfWhichATableIsALinkIsRefused)
{
    ASSERT_EQ(shell("mv lofar.ms/ANTENNA elsewhere; ln -s ../elsewhere lofar.ms/ANTENNA; mv lofar.ms d/x.ms; ln -s "
                    "../elsewhere d/elsewhere")
                  .code,
              0);
    expect_named("d/x.ms");
    // The set itself may be one.
    ASSERT_EQ(
        shell("rm d/x.ms/ANTENNA d/elsewhere d/z.uvh5; mv elsewhere d/x.ms/ANTENNA; mv d/x.ms .; ln -s ../x.ms d/x.ms")
            .code,
        0);
    EXPECT_EQ(run().code, 0);
}

TEST_F(LeftOut, TwoGroupsOfOneNameByHand)
{
    ASSERT_EQ(shell("mv lofar.ms d/z.ms").code, 0);
    auto const both = nocturne("image d --out i --imsize 64 --cell 600");
    EXPECT_EQ(both.code, 64) << both.err;
    EXPECT_NE(both.err.find("z.ms z.uvh5"), std::string::npos) << both.err;
    auto const one = nocturne("image d --group z.uvh5 --out i --imsize 64 --cell 600 --json");
    EXPECT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(nocturne("image d --group z --out i --imsize 64 --cell 600").code, 66);
}

TEST_F(LeftOut, DamagedFilesOfOddNamesByHand)
{
    ASSERT_EQ(shell("mkdir e; head -c 5000 d/z.uvh5 > e/bad.UVH5").code, 0);
    auto const alone = nocturne("image e --out i --imsize 64 --cell 600");
    EXPECT_EQ(alone.code, 65) << alone.err;
    EXPECT_NE(alone.err.find("e/bad.UVH5"), std::string::npos) << alone.err;
    shell("cp d/z.uvh5 e");
    auto const beside = nocturne("image e --out i --imsize 64 --cell 600");
    EXPECT_EQ(beside.code, 0) << beside.err;
    EXPECT_NE(beside.err.find("bad.UVH5 is left out"), std::string::npos) << beside.err;
}

TEST_F(LeftOut, LinksIntoAnArchiveThatIsNotThere)
{
    ASSERT_EQ(shell("mkdir far; mv d/z.uvh5 far; ln -s ../far/z.uvh5 d/z.uvh5; mv far away").code, 0);
    ASSERT_EQ(nocturne("index scan d --db i.sqlite").code, 65);
    expect_named("z.uvh5");
    shell("mv away far");
    EXPECT_EQ(run().code, 0);
    shell("mv far away");
    expect_named("z.uvh5");
}

TEST_F(LeftOut, WhatIsNoFileAndWhatBearsTheDatabasesName)
{
    ASSERT_EQ(shell("mkfifo d/pipe.uvh5; ln -s nowhere d/gone.uvh5; mv d/z.uvh5 d/z.uvh5.uvh5").code, 0);
    for (int i = 0; i < 2; ++i) {
        auto const scan = nocturne("index scan d --db d/z.uvh5 --json");
        EXPECT_EQ(scan.code, 65) << scan.err;
        EXPECT_NE(scan.out.find("pipe.uvh5"), std::string::npos) << scan.out;
        EXPECT_NE(scan.out.find("gone.uvh5"), std::string::npos) << scan.out;
        EXPECT_EQ(scan.json()["files"], 1) << scan.out;
        EXPECT_EQ(scan.json()["missing"].size(), 0U) << scan.out;
    }
    expect_named("gone.uvh5");
    EXPECT_EQ(nocturne("convert d --ms --quiet").code, 64);
}

TEST_F(LeftOut, AGroupThatHasLostItsFilesIsNotCalledDone)
{
    ASSERT_EQ(nocturne("index scan d --db i.sqlite").code, 0);
    shell("mv d/z.uvh5 .");
    auto const lost = run();
    EXPECT_EQ(lost.code, 66) << lost.out << lost.err;
    EXPECT_NE(lost.err.find("it is not done, but none of its files are in"), std::string::npos) << lost.err;
    EXPECT_EQ(nocturne("queue resolve z --db i.sqlite").code, 0);
    EXPECT_EQ(run().code, 0) << "a person settled it";
    shell("mv z.uvh5 d");
    EXPECT_EQ(nocturne("queue retry z --db i.sqlite").code, 0);
    EXPECT_EQ(run().code, 0);
    shell("mv d/z.uvh5 .");
    EXPECT_EQ(run().code, 0) << "it is done";
}

}  // namespace
}  // namespace nocturne
