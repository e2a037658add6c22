// What is made again and what is not: Measurement Sets of export, calibrators, after a change of parameters and after queue reprocess.
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class Checkpoints : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        simulate("in");
        run("");
    }
    nlohmann::json run(std::string const& more, int code = 0) const
    {
        auto const done = nocturne("run in -o out --imsize 128 --cell 20 --ms --db d.sqlite --json " + more);
        EXPECT_EQ(done.code, code) << done.err;
        return done.json()["groups"];
    }
    std::string group() const
    {
        return nocturne("groups --db d.sqlite --json").json().at(0).at("group_id").get<std::string>();
    }
    /// Tells a set from one that was made in its place.
    std::string made() const { return shell("stat -c '%i %y' out/*.ms out/*.ms/table.dat").out; }
    std::string reprocess(std::string const& from, int code = 0) const
    {
        auto const end = nocturne("queue reprocess " + group() + " --from " + from + " --db d.sqlite");
        EXPECT_EQ(end.code, code) << end.err;
        return end.err;
    }
};

TEST_F(Checkpoints, AnotherImageNeedsNoOtherMeasurementSet)
{
    auto const before = made();
    EXPECT_EQ(run("--niter 20")["done"], 1);
    EXPECT_EQ(made(), before);
    EXPECT_EQ(run("--niter 20")["skipped"], 1);
    auto const prov = nocturne("prov out/*/*-pbcor.fits --db d.sqlite --json");
    EXPECT_EQ(prov.code, 0) << prov.err;
    EXPECT_EQ(shell("nocturne=" + program() + "; $nocturne ms check out/*.ms").code, 0);
    EXPECT_EQ(run("--niter 20 --only zeros")["done"], 1);
    EXPECT_NE(made(), before) << "other flags are another set";
}

TEST_F(Checkpoints, AQuickLookTakesNoPlaceOfAKeptSet)
{
    auto const before = made();
    EXPECT_EQ(run("--tier quicklook")["done"], 1);
    EXPECT_EQ(made(), before) << "the same set serves";
    EXPECT_EQ(run("--tier quicklook --only zeros")["done"], 1);
    EXPECT_EQ(shell("stat -c '%i %y' $(ls -d out/*.ms out/*.ms/table.dat | grep -v quicklook)").out, before);
    EXPECT_EQ(shell("test -e $(echo out/*-quicklook.ms)/table.dat").code, 0);
    EXPECT_EQ(run("")["skipped"], 1);
}

TEST_F(Checkpoints, WhatAUserAddedToASetStays)
{
    shell("echo mine > $(echo out/*.ms)/notes.txt");
    EXPECT_EQ(run("--robust 2")["done"], 1);
    EXPECT_EQ(shell("cat out/*.ms/notes.txt").out, "mine\n");
    shell("echo more >> $(echo out/*.ms)/table.f0; rm -f $(find out/*.ms -name table.lock)");
    EXPECT_EQ(run("--robust 2")["skipped"], 1);
}

TEST_F(Checkpoints, ASetThatLostAFileIsMadeAgain)
{
    for (std::string const lost : {"table.f0", "ANTENNA/table.f0"}) {
        shell("rm $(echo out/*.ms)/" + lost);
        EXPECT_EQ(run("")["done"], 1) << lost;
        EXPECT_EQ(nocturne("ms check out/*.ms").code, 0) << lost;
        EXPECT_EQ(run("")["skipped"], 1) << lost;
    }
    shell("truncate -s 100 $(echo out/*.ms)/table.f0");
    EXPECT_EQ(run("--robust 2")["done"], 1) << "nor does it serve for another image";
    EXPECT_EQ(nocturne("ms check out/*.ms").code, 0);
}

TEST_F(Checkpoints, ASetThatIsGoneIsMadeAgain)
{
    shell("rm -r out/*.ms");
    EXPECT_EQ(run("")["done"], 1);
    EXPECT_NE(made().find("table.dat"), 0U);
    EXPECT_EQ(shell("test -e $(echo out/*.ms)/table.dat").code, 0);
    EXPECT_EQ(run("")["skipped"], 1);
}

TEST_F(Checkpoints, ReprocessMakesTheStageAndThoseAfterItAgain)
{
    auto const before = made();
    auto const image = shell("stat -c %i out/*/*-dirty.fits").out;
    reprocess("image");
    EXPECT_EQ(run("")["done"], 1);
    EXPECT_EQ(made(), before);
    EXPECT_NE(shell("stat -c %i out/*/*-dirty.fits").out, image);
    EXPECT_EQ(run("")["skipped"], 1);
    reprocess("flag");
    EXPECT_EQ(run("")["done"], 1);
    EXPECT_NE(made(), before);
    auto const refused = reprocess("solve", 65);
    EXPECT_NE(refused.find("export, image"), std::string::npos) << refused;
    EXPECT_EQ(run("")["skipped"], 1) << "a refusal changes nothing";
    EXPECT_NE(reprocess("imagine", 64).find("did you mean 'image'"), std::string::npos);
}

}  // namespace
}  // namespace nocturne
