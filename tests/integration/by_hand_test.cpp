// Verbs on one group by hand: flags into a Measurement Set, `bench grid`, what is said of pixels, names and dates, and words
// that were mistyped.
#include "tests/support/program.hpp"

#include <sstream>

namespace nocturne {
namespace {

class ByHand : public test::ProgramTest {
protected:
    bool holds(std::string const& text, std::string const& part) const { return text.find(part) != std::string::npos; }
};

TEST_F(ByHand, FlagWritesASetWithItsFlags)
{
    simulate("g", "--zeros 0.1");
    auto const made = nocturne("flag g --ms f.ms --out f.npz --json");
    ASSERT_EQ(made.code, 0) << made.err;
    auto const document = made.json();
    EXPECT_EQ(document["ms"]["rows"], 9 * 10 / 2 * 3);
    EXPECT_EQ(document["channels"].size(), 16 * 4 * 2);
    auto const again = nocturne("flag f.ms --only zeros,autocorr --json");
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(again.json()["used"], document["used"]) << "the set holds the flags that were found";
    EXPECT_EQ(nocturne("flag g --ms on").code, 64);
}

TEST_F(ByHand, BenchGridMeasures)
{
    simulate("g");
    auto const made = nocturne("bench grid g --imsize 128 --cell 20 --epsilon 1e-4 --json");
    ASSERT_EQ(made.code, 0) << made.err;
    for (auto const* key : {"nvis", "plan_s", "dirty_s", "predict_s"}) EXPECT_GT(made.json()[key], 0) << key;
}

TEST_F(ByHand, SamplesBeyondTheUvGridAreSaid)
{
    simulate("g");
    auto const coarse = nocturne("image g --out a --imsize 64 --cell 200");
    ASSERT_EQ(coarse.code, 0) << coarse.err;
    EXPECT_TRUE(holds(coarse.err, "lie beyond the uv grid of these pixels")) << coarse.err;
    EXPECT_FALSE(holds(nocturne("image g --out b --imsize 64 --cell 5").err, "uv grid"));
    ASSERT_EQ(nocturne("simulate --out two --antennas 2 --integrations 2 --channels 4").code, 0);
    auto const none = nocturne("image two --out c --imsize 16 --cell 3600");
    EXPECT_EQ(none.code, 65);
    EXPECT_TRUE(holds(none.err, "beyond the uv grid")) << none.err;
    EXPECT_FALSE(holds(none.err, "everything is flagged")) << none.err;
    EXPECT_EQ(nocturne("image g --out here/ --imsize 64 --cell 20").code, 64);
}

TEST_F(ByHand, ADateBeyondTheEarthTableIsSaid)
{
    simulate("g", "--start 2040-01-01T00:00:00");
    auto const warned = nocturne("convert g --ms x.ms --json");
    EXPECT_EQ(warned.code, 0) << warned.err;
    EXPECT_TRUE(holds(warned.err, "outside the Earth table")) << warned.err;
    EXPECT_TRUE(holds(warned.json()["notes"].dump(), "outside the Earth table"));
    EXPECT_EQ(nocturne("convert g --ms y.ms --strict-earth").code, 78);
    EXPECT_EQ(nocturne("convert --strict-earth g --ms y.ms").code, 78) << "the next word is no value of it";
}

TEST_F(ByHand, FewerSubbandsThanAskedForAreRefused)
{
    simulate("g", "--missing 3,4,5,6,7");
    auto const refused = nocturne("image g --out a --imsize 64 --cell 20 --min-subbands 12");
    EXPECT_EQ(refused.code, 66);
    EXPECT_TRUE(holds(refused.err, "11 subbands")) << refused.err;
    EXPECT_EQ(nocturne("image g --out a --imsize 64 --cell 20 --min-subbands 11").code, 0);
}

TEST_F(ByHand, NothingIsWrittenIntoATable)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms x.ms").code, 0);
    auto const before = shell("find x.ms -type f | sort | xargs md5sum").out;
    for (std::string const out : {"convert g --ms x.ms/y.ms", "convert x.ms --ms x.ms/FIELD/y.ms",
                                  "image x.ms --out x.ms/i --imsize 64 --cell 20", "dump x.ms --out x.ms/v.npz"}) {
        auto const refused = nocturne(out);
        EXPECT_EQ(refused.code, 73) << refused.err;
        EXPECT_TRUE(holds(refused.err, "inside the table")) << refused.err;
    }
    EXPECT_EQ(shell("find x.ms -type f | sort | xargs md5sum").out, before);
    shell("rm x.ms/table.dat");
    auto const torn = nocturne("convert x.ms --ms z.ms");
    EXPECT_EQ(torn.code, 65);
    EXPECT_TRUE(holds(torn.err, "no whole Measurement Set")) << torn.err;
    EXPECT_TRUE(holds(nocturne("convert g --ms w.ms --field 3C286").err, "UVH5 files are read whole: field"));
}

TEST_F(ByHand, DirectoriesThatAreNoSetsAreNamed)
{
    simulate("g");
    shell(
        "mkdir g/empty.ms g/plain g/x.bcal && touch g/x.bcal/table.dat && echo 'Type = Calibration' > "
        "g/x.bcal/table.info");
    auto const scanned = nocturne("index scan g --db i.sqlite");
    EXPECT_EQ(scanned.code, 65);
    EXPECT_TRUE(holds(scanned.out, "empty.ms  it is named like a Measurement Set and holds no table")) << scanned.out;
    EXPECT_TRUE(holds(scanned.out, "foreign  ") && holds(scanned.out, "x.bcal")) << scanned.out;
    EXPECT_FALSE(holds(scanned.out, "plain")) << scanned.out;
    auto const imaged = nocturne("image g --out i --imsize 64 --cell 20");
    EXPECT_EQ(imaged.code, 0) << imaged.err;
    EXPECT_TRUE(holds(imaged.err, "empty.ms is left out")) << imaged.err;
    EXPECT_TRUE(holds(imaged.err, "x.bcal is left out: it is a table, and no Measurement Set")) << imaged.err;
    shell("rm -r g/*.hdf5");
    auto const nothing = nocturne("image g --out i --imsize 64 --cell 20");
    EXPECT_EQ(nothing.code, 65);
    EXPECT_TRUE(holds(nothing.err, "empty.ms")) << nothing.err;
}

TEST_F(ByHand, MistypedWordsNameTheNearest)
{
    for (auto const& [typed, meant] : {std::pair("imge x", "'image'"),
                                       {"indx scan", "'index'"},
                                       {"index scn x", "'scan'"},
                                       {"--verson", "'--version'"}}) {
        auto const refused = nocturne(typed);
        EXPECT_EQ(refused.code, 64) << typed;
        EXPECT_TRUE(holds(refused.err, std::string("did you mean ") + meant)) << refused.err;
    }
    EXPECT_TRUE(holds(nocturne("registry show").err, "Try: nocturne registry show --help"));
    EXPECT_TRUE(holds(nocturne("--help").out, "active, export, import, list, register, retire, show"));
    simulate("g");
    EXPECT_TRUE(holds(nocturne("convert g --ms x --phase-center 400,40").err, "RA goes from 0 to 360"));
    EXPECT_TRUE(holds(nocturne("apply g --solutions registry --ms x").err, "here is no nocturne.sqlite"));
}

TEST_F(ByHand, AJobFileTakesADirectoryBesideIt)
{
    simulate("g");
    std::string const job = "run " + std::string(NOCTURNE_SOURCE_DIR) + "/jobs/continuum.yaml g ";
    EXPECT_TRUE(holds(nocturne(job + "--dry-run").out, "1 to do")) << nocturne(job + "--dry-run").err;
    auto const refused = nocturne("run g g");
    EXPECT_EQ(refused.code, 64);
    EXPECT_TRUE(holds(refused.err, "two directories: g and g")) << refused.err;
}

TEST_F(ByHand, EachLineOfAJsonLogIsJson)
{
    auto const failed = nocturne("image 'no \"such\\file' --out a --log-format json");
    EXPECT_EQ(failed.code, 66);
    std::istringstream lines(failed.err);
    int n = 0;
    for (std::string line; std::getline(lines, line); ++n)
        EXPECT_TRUE(nlohmann::json::parse(line).contains("message")) << line;
    EXPECT_GE(n, 1);
}

TEST_F(ByHand, AResultThatCannotBePrintedFails)
{
    ASSERT_EQ(nocturne("db init x.sqlite").code, 0);
    EXPECT_EQ(nocturne("stages --markdown > /dev/full").code, 74);
    EXPECT_EQ(nocturne("stages --schema > /dev/full").code, 74);
}

TEST_F(ByHand, SimulationsAreTheSameBytesAndTakeNoNonsense)
{
    simulate("a");
    shell("sleep 1.1");
    simulate("b");
    EXPECT_EQ(shell("for f in a/*.hdf5; do cmp $f b/${f##*/} || echo differ; done").out, "");
    for (std::string const bad : {"--antennas 0", "--channels -3", "--sefd -5", "--missing 99", "--dec nan",
                                  "--flux-jy nan", "--source nan,3", "--radius 200"})
        EXPECT_EQ(nocturne("simulate --out n " + bad).code, 64) << bad;
    EXPECT_EQ(shell("ls -d n 2>/dev/null").out, "");
    shell("echo name,ra_deg,dec_deg,flux_jy > none.csv");
    auto const empty =
        nocturne("simulate --out e --antennas 3 --integrations 1 --channels 1 --sources none.csv --json");
    ASSERT_EQ(empty.code, 0) << empty.err;
    EXPECT_TRUE(nlohmann::json::parse(test::slurp(scratch_ / "e" / "truth.json"))["sources"].empty());
}

/// Open MPI's session is each program's own: one that ends takes nothing away that another is about to use.
TEST_F(ByHand, ProgramsSideBySideLeaveEachOtherAloneAndNothingBehind)
{
    simulate("g");
    auto const done =
        shell("mkdir t; export TMPDIR=$PWD/t; for i in 1 2 3 4; do " + program() + " image g -o s$i --quiet" +
              test::small_image + ">/dev/null || echo failed; done & for i in 5 6 7 8; do " + program() +
              " image g -o s$i --quiet" + test::small_image + ">/dev/null || echo failed; done; wait");
    EXPECT_EQ(done.out, "") << done.err;
    EXPECT_EQ(shell("ls s*-dirty.fits | wc -l").out, "8\n");
    EXPECT_EQ(shell("ls -A t").out, "");
}

/// Of one that was killed, the next takes away what it left.
TEST_F(ByHand, AKilledProgramLeavesNothingForLong)
{
    simulate("g");
    auto const killed =
        shell("mkdir t; export TMPDIR=$PWD/t; " + program() + " image g -o s --quiet" + test::small_image +
              " & for i in $(seq 1000); do ls t/nocturne-mpi-*/*/ompi* >/dev/null 2>&1 && break; sleep 0.01; done;"
              " kill -9 $!; wait $!; ls -A t | wc -l");
    EXPECT_EQ(killed.out, "1\n") << killed.err;
    EXPECT_EQ(shell("TMPDIR=$PWD/t " + program() + " image g -o s --quiet" + test::small_image).code, 0);
    EXPECT_EQ(shell("ls -A t").out, "");
}

/// At low elevation the PSF of a dirty image is 1 % narrower or wider for each half degree from the centre.
TEST_F(ByHand, FluxesInDirtyImagesGoByTheBeamOfTheirPlace)
{
    for (std::string const dec : {"-19.1", "-20.7"}) {
        auto const made = nocturne("simulate --out g" + dec +
                                   " --antennas 40 --integrations 4 --channels 2 --subbands 4 --dec -20 --ra 200 "
                                   "--beam none --smearing none --source 200," +
                                   dec + ",1");
        ASSERT_EQ(made.code, 0) << made.err;
        ASSERT_EQ(nocturne("image g" + dec + " --out i --imsize 1100 --cell 7 --weighting natural --quiet").code, 0);
        auto const fit = nocturne("fit i-dirty.fits --at 200," + dec + " --json").json();
        EXPECT_NEAR(fit["peak_jy_beam"].get<double>(), 1, 1e-3);
        EXPECT_NEAR(fit["flux_jy"].get<double>(), 1, 0.012) << dec;
    }
    // Units and systems of others.
    auto const with = [&](std::string const& change) {
        EXPECT_EQ(shell("LC_ALL=C sed \"" + change + "\" i-dirty.fits > m.fits").code, 0);
        return nocturne("fit m.fits --at 200,-20.7 --json");
    };
    EXPECT_NEAR(with("s#'Jy/beam '#'mJy/beam'#").json()["peak_jy_beam"].get<double>(), 1e-3, 1e-6);
    for (auto const* change : {"s#'Jy/beam '#'MJy/sr  '#", "s#'Jy/beam '#'Jy/pixel'#", "s#'Jy/beam '#'K       '#",
                               "s#= 'ICRS    '#= 'FK4     '#", "s#CUNIT1  = 'deg#CUNIT1  = 'rad#"})
        EXPECT_EQ(with(change).code, 65) << change;
}

TEST_F(ByHand, TheTruthOfTheGroupThatWasThereIsKept)
{
    simulate("g", "--start 2026-01-25T22:26:05");
    simulate("g", "--start 2026-01-25T22:31:14");
    simulate("g", "--start 2026-01-25T22:31:14");  // the same again
    auto const group_of = [&](std::string const& path) {
        return nlohmann::json::parse(test::slurp(scratch_ / path))["group_id"].get<std::string>();
    };
    EXPECT_EQ(group_of("g/truth.json"), "2026-01-25T22:31:14");
    EXPECT_EQ(group_of("g/truth/2026-01-25T22:26:05/truth.json"), "2026-01-25T22:26:05");
    EXPECT_EQ(shell("cd g; find . -name '*.npz' | sort").out,
              "./truth/2026-01-25T22:26:05/truth/gains.npz\n./truth/gains.npz\n");
}

/// Each of the truths in turn is the last one, and then kept.
TEST_F(ByHand, SimulationsIntoOneDirectoryAtOnceKeepAllTheirTruths)
{
    auto const done = shell("for i in 1 2 3 4 5 6 7 8; do " + program() +
                            " simulate --quiet -o g --antennas 5 --integrations 2 --subbands 2 --channels 4 "
                            "--random-sources 2 --start 2026-01-25T22:0$i:05 || echo failed & done 2>&1; wait");
    EXPECT_EQ(done.out, "");
    EXPECT_EQ(shell("cd g; find . -name 'truth.json' | wc -l; find . -name gains.npz | wc -l").out, "8\n8\n");
    EXPECT_EQ(shell("cd g; cat $(find . -name truth.json) | grep -c '\"group_id\": \"2026-01-25T22:0[1-8]:05\"'").out,
              "8\n");
}

}  // namespace
}  // namespace nocturne
