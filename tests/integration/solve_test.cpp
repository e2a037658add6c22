// `nocturne solve` as a user runs it: a simulated calibrator to solutions and CASA tables; the same bits by two ranks; refusals with reason and code.
#include "tests/support/program.hpp"

#include <algorithm>

namespace nocturne {
namespace {

constexpr char const* model = "name,ra_deg,dec_deg,flux_jy,spix\\nCAL,150,54.6,20,0\\n";

class SolveRoad : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        auto const made =
            shell("printf '" + std::string(model) + "' > cal.csv && " + program() +
                  " simulate --out G --antennas 12 --integrations 6 --subbands 2 --channels 16 --ra 150 --dec 54.6 "
                  "--sources cal.csv --noise --gain-std 0.1 --phase-std-deg 60 --delay-std-ns 3 --seed 3");
        ASSERT_EQ(made.code, 0) << made.err;
    }
    std::string const solve_ = "solve G --model cal.csv --json ";
};

TEST_F(SolveRoad, WritesSolutionsAndCasaTables)
{
    auto const got = nocturne(solve_ + "--out set.h5 --casa set");
    ASSERT_EQ(got.code, 0) << got.err;
    auto const document = got.json();
    ASSERT_EQ(document["tables"].size(), 3U);
    EXPECT_EQ(document["tables"][0]["type"], "K");
    EXPECT_EQ(document["tables"][1]["type"], "B");
    EXPECT_EQ(document["tables"][2]["type"], "G");
    EXPECT_EQ(document["files"].size(), 4U);
    for (auto const* name : {"set.h5", "set.K/table.dat", "set.B/table.dat", "set.G/table.dat"})
        EXPECT_TRUE(std::filesystem::exists(scratch_ / name)) << name;
    EXPECT_GT(document["tables"][1]["median_snr"], 10);
}

TEST_F(SolveRoad, IsTheSameByTwoRanks)
{
    ASSERT_EQ(nocturne(solve_ + "--out one.h5").code, 0);
    auto const two = mpi(2, solve_ + "--out two.h5");
    ASSERT_EQ(two.code, 0) << two.err;
    EXPECT_EQ(test::slurp(scratch_ / "one.h5"), test::slurp(scratch_ / "two.h5"));
}

/// Phases of 60 degrees make no image; with the gains taken off the source stands there with its flux (0.7 % of it lost in the beam). Spans too small for the group make
/// passes run again, weights included.
TEST_F(SolveRoad, AppliesWhatItSolvedForInTheSameJob)
{
    auto const image = [&](std::string const& name, std::string const& tasks) {
        std::ofstream(scratch_ / (name + ".yaml"))
            << "name: " << name << "\nargs: [incoming, out]\njobs:\n  image:\n    tasks:\n      - {task: flag}\n"
            << tasks << "      - {task: convert}\n      - {task: image, args: {imsize: 512, cell: 3}}\n";
        auto const run = nocturne("run " + name + ".yaml --arg incoming=G --arg out=" + name + " --db " + name +
                                  ".sqlite --min-subbands 2 --memory 0.0005");
        EXPECT_EQ(run.code, 0) << run.err;
        auto const images = nocturne("images --json --db " + name + ".sqlite").json();
        auto const plane = read_fits(images[0]["path"]);
        return *std::max_element(plane.pixels.begin(), plane.pixels.end());
    };
    EXPECT_LT(image("raw", ""), 15);
    EXPECT_NEAR(image("solved", "      - {task: solve, args: {model: cal.csv}}\n      - {task: apply}\n"), 19.87, 0.2);
}

TEST_F(SolveRoad, RefusesWithReasonAndCode)
{
    auto const refused = [&](std::string const& arguments, int code, std::string const& word) {
        auto const got = nocturne(arguments);
        EXPECT_EQ(got.code, code) << arguments << "\n" << got.err;
        EXPECT_NE(got.err.find(word), std::string::npos) << got.err;
        EXPECT_FALSE(std::filesystem::exists(scratch_ / "bad.h5"));
    };
    refused("solve G --model none.csv --out bad.h5", 66, "none.csv");
    refused("solve G --model cal.csv --types D --out bad.h5", 78, "types");
    refused("solve G --model cal.csv --types B,B,G --out bad.h5", 78, "twice");
    refused("solve G --model cal.csv --minant 30 --out bad.h5", 65, "antennas");
    shell("printf 'name,ra_deg,dec_deg,flux_jy\\nFAR,330,-20,5\\n' > far.csv");
    refused("solve G --model far.csv --out bad.h5", 65, "no flux");
}

}  // namespace
}  // namespace nocturne
