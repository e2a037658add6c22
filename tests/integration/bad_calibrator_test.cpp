// Calibrators that cannot calibrate: each time a reason, a code, and nothing in the registry; what one antenna or some samples lack is
// flagged, and the rest is solved.
#include "io/solutions.hpp"
#include "tests/support/program.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace nocturne {
namespace {

class BadCalibrator : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        std::ofstream(scratch_ / "cal.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nCAL,120,40,20,0\n";
        observe("G", "--antennas 12");
    }
    void observe(std::string const& directory, std::string const& more,
                 std::string const& size = "--subbands 2 --integrations 6 --channels 16 ") const
    {
        auto const made = nocturne("simulate --out " + directory + " " + size +
                                   "--ra 120 --dec 40 --sources cal.csv "
                                   "--noise --gain-std 0.1 --phase-std-deg 60 --seed 3 " +
                                   more);
        ASSERT_EQ(made.code, 0) << made.err;
    }
    std::size_t n_sets() const { return nocturne("registry list --json --db r.sqlite").json().size(); }

    /// By hand and as a job: the code, a word of the reason, no file of solutions, no set.
    void expect_refused(std::string const& group, std::string const& options, int code, std::string const& word) const
    {
        auto const by_hand =
            nocturne("solve " + group + " " + options + " --register --db r.sqlite --out bad.h5 --types K,B,G");
        EXPECT_EQ(by_hand.code, code) << by_hand.err;
        EXPECT_NE(by_hand.err.find(word), std::string::npos) << by_hand.err;
        EXPECT_EQ(n_sets(), 0U) << group << " " << options;
        auto const job =
            nocturne(std::string("run ") + NOCTURNE_SOURCE_DIR + "/jobs/calibrator.yaml --arg incoming=" + group +
                     " --arg out=out --arg 'calibrators=*' --min-subbands 2 --json --db r.sqlite " + options);
        EXPECT_EQ(job.code, code) << job.err;
        ASSERT_EQ(job.json()["failures"].size(), 1U);
        EXPECT_NE(job.json()["failures"][0]["message"].get<std::string>().find(word), std::string::npos) << job.out;
        EXPECT_EQ(n_sets(), 0U) << group << " " << options;
        EXPECT_EQ(shell("find out -name '*-solutions.h5'").out, "");
    }
    std::vector<CalTable> solved(std::string const& group, std::string const& options) const
    {
        auto const got =
            nocturne("solve " + group + " --model cal.csv --out good.h5 --register --db good.sqlite " + options);
        EXPECT_EQ(got.code, 0) << got.err;
        return read_solutions((scratch_ / "good.h5").string());
    }
};

TEST_F(BadCalibrator, OneAntennaAllFlaggedIsLeftOutAndTheOthersAreSolved)
{
    auto const whole = solved("G", "");
    auto const rest = solved("G", "--flag-antennas " + std::to_string(whole.front().antennas.front().number));
    for (auto const& table : rest)
        for (std::size_t a = 0; a < table.antennas.size(); ++a) {
            auto const& k = whole.front();
            std::size_t used = 0;
            for (std::size_t c = 0; c < table.freq_hz.size(); ++c) used += table.flag[table.at(0, a, 0, c)] == 0;
            bool const lost = table.antennas[a].number == k.antennas.front().number;
            EXPECT_EQ(used == 0, lost) << name(table.kind) << " antenna " << table.antennas[a].number;
        }
    // All but three antennas: too few.
    std::string most;
    for (std::size_t a = 3; a < whole.front().antennas.size(); ++a)
        most += (most.empty() ? "" : ",") + std::to_string(whole.front().antennas[a].number);
    expect_refused("G", "--model cal.csv --flag-antennas " + most, 65, "antennas");
}

TEST_F(BadCalibrator, HalfTheBandGone)
{
    auto const header = solved("G", "").at(1);
    std::vector<double> used;
    for (std::size_t c = 0; c < header.freq_hz.size(); ++c)
        if (!header.flag[header.at(0, 0, 0, c)]) used.push_back(header.freq_hz[c] / 1e6);
    ASSERT_EQ(used.size(), 32U);
    auto const band = [&](std::size_t n) {  // the lowest n channels
        return "--flag-mhz " + std::to_string(used.front() - 0.1) + "-" + std::to_string(used[n - 1] + 0.1);
    };
    expect_refused("G", "--model cal.csv " + band(16), 3, "missing fraction of the band");
    // A file that was written none the less remembers what was there, and is not taken later.
    EXPECT_EQ(nocturne("solve G --model cal.csv --out half.h5 " + band(20)).code, 3);
    auto const later = nocturne("registry register half.h5 --db r.sqlite");
    EXPECT_EQ(later.code, 3) << later.err;
    EXPECT_NE(later.err.find("missing fraction of the band"), std::string::npos) << later.err;
    EXPECT_NE(later.err.find("flag less of the band"), std::string::npos) << later.err;
    EXPECT_EQ(n_sets(), 0U);
    solved("G", band(12));
    expect_refused("G", "--model cal.csv " + band(32), 65, "every sample is flagged");
    shell("mkdir half && cp G/*_sb00.hdf5 half/");
    auto const eight = nocturne(std::string("run ") + NOCTURNE_SOURCE_DIR +
                                "/jobs/calibrator.yaml --arg incoming=half --arg out=out --arg 'calibrators=*' --json "
                                "--db r.sqlite");
    EXPECT_EQ(eight.code, 66) << eight.err;
    EXPECT_EQ(n_sets(), 0U);
}

TEST_F(BadCalibrator, NoCalibratorInTheBeam) { expect_refused("G", "", 65, "no calibrator in the beam"); }

TEST_F(BadCalibrator, AModelOfZeroFlux)
{
    std::ofstream(scratch_ / "zero.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nCAL,120,40,0,0\n";
    expect_refused("G", "--model zero.csv", 65, "no flux");
}

/// Solutions of a sky that is not there are well determined: what they leave of the data tells.
TEST_F(BadCalibrator, ASkyThatTheModelLacks)
{
    auto const solve = [&](char const* other_jy, char const* registry) {
        std::ofstream(scratch_ / "cal.csv")
            << "name,ra_deg,dec_deg,flux_jy,spix\nCAL,120,40,20,0\nB,120.4,40.3," << other_jy << ",0\n";
        auto const group = std::string("lacks") + other_jy;
        observe(group, "--antennas 12", "--integrations 6 --channels 8 ");
        std::ofstream(scratch_ / "one.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nCAL,120,40,20,0\n";
        return nocturne("solve " + group + " --model one.csv --types K,B,G --out " + group +
                        ".h5 --json --register --db " + registry);
    };
    auto const warned = solve("7", "warned.sqlite");
    EXPECT_EQ(warned.code, 0) << warned.err;
    EXPECT_EQ(warned.json()["quality"]["verdict"], "warn") << warned.out;
    EXPECT_NE(warned.out.find("the model lacks a source"), std::string::npos) << warned.out;
    auto const set = nocturne("registry list --json --db warned.sqlite").json()[0]["set_name"].get<std::string>();
    auto const shown = nocturne("registry show " + set + " --json --db warned.sqlite").json();
    EXPECT_GT(shown[1]["quality_metrics"]["unexplained_ratio"].get<double>(), 3) << shown;
    EXPECT_TRUE(shown[0]["quality_metrics"]["unexplained_ratio"].is_null()) << shown;
    auto const failed = solve("14", "r.sqlite");
    EXPECT_EQ(failed.code, 3) << failed.err;
    EXPECT_NE(failed.err.find("the model lacks a source"), std::string::npos) << failed.err;
    EXPECT_EQ(n_sets(), 0U);
}

/// A set that QA warns of serves, and everybody hears of it: the run that makes it, the registry, and who is corrected by it.
TEST_F(BadCalibrator, AWarningOfTheSolutionsIsHeardOnTheWholeWay)
{
    std::ofstream(scratch_ / "two.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nCAL,120,40,20,0\nB,120.4,40.3,7,0\n";
    shell("mv two.csv cal.csv");
    observe("seen", "--antennas 12", "--integrations 6 --channels 8 ");
    std::ofstream(scratch_ / "one.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nCAL,120,40,20,0\n";
    auto const run = nocturne(std::string("run ") + NOCTURNE_SOURCE_DIR +
                              "/jobs/calibrator.yaml --arg incoming=seen --arg out=out --arg 'calibrators=*' --json "
                              "--db r.sqlite --model one.csv");
    ASSERT_EQ(run.code, 0) << run.err;
    std::string const said = "QA warns of the solutions: ", why = "take a fuller catalogue: --model-catalog";
    EXPECT_NE(run.err.find(said), std::string::npos) << run.err;
    EXPECT_EQ(run.err.find(said), run.err.rfind(said)) << run.err;
    EXPECT_NE(run.err.find(why), std::string::npos) << run.err;
    auto const file = shell("printf %s $PWD/out/*/*-solutions.h5").out;
    auto const origin = nocturne("prov --json --db r.sqlite " + file).json();
    EXPECT_NE(origin["notes"].dump().find(said), std::string::npos) << origin;
    EXPECT_EQ(origin["flag"]["tried"][0]["verdict"], "warn") << origin;
    EXPECT_NE(origin["flag"]["tried"][0]["reason"].get<std::string>().find(why), std::string::npos) << origin;
    auto const set = nocturne("registry list --json --db r.sqlite").json()[0];
    auto const shown = "registry show " + set["set_name"].get<std::string>() + " --db r.sqlite";
    auto const tables = nocturne(shown + " --json").json();
    EXPECT_NE(tables[1]["quality_metrics"]["reasons"].dump().find(why), std::string::npos) << tables;
    EXPECT_TRUE(tables[0]["quality_metrics"]["reasons"].empty()) << tables;
    EXPECT_NE(nocturne(shown).out.find(why), std::string::npos);
    std::string const warned = "passed its QA with a warning: B: model and gains leave";
    auto const active = nocturne("registry active --mjd " + set["mid_mjd"].dump() + " --db r.sqlite").out;
    EXPECT_NE(active.find(warned), std::string::npos) << active;
    std::string const image = "image seen --out i --imsize 64 --cell 20 ";
    for (auto const& by : {std::string("registry"), file}) {
        auto const target = nocturne(image + "--db r.sqlite --json --solutions " + by);
        EXPECT_NE(target.err.find(warned), std::string::npos) << target.err;
        EXPECT_NE(target.out.find(warned), std::string::npos) << target.out;
        EXPECT_EQ(target.err.find("QA warns of solutions"), std::string::npos) << "once: " << target.err;
    }
    // A registry from before reasons were kept.
    shell(
        "cp r.sqlite old.sqlite && python3 -c \"import sqlite3; d = sqlite3.connect('old.sqlite'); "
        "d.execute('UPDATE caltables SET quality_metrics = NULL'); d.commit()\"");
    auto const old = nocturne(image + "--db old.sqlite --solutions registry");
    EXPECT_NE(old.err.find("QA warns of solutions " + file), std::string::npos) << old.err;
    EXPECT_NE(old.err.find(why), std::string::npos) << old.err;
    auto const unregistered = nocturne(image + "--db none.sqlite --solutions " + file);
    EXPECT_NE(unregistered.err.find("QA warns of solutions " + file), std::string::npos) << unregistered.err;
    // Better ones under its name: what was said of those before is not said of them.
    auto const better =
        nocturne("solve seen --model cal.csv --types K,B,G --out better.h5 --register --db r.sqlite --set " +
                 set["set_name"].get<std::string>());
    ASSERT_EQ(better.code, 0) << better.err;
    EXPECT_EQ(nocturne(shown).out.find(why), std::string::npos) << nocturne(shown).out;
}

/// Tables of CASA know no numbers of antennas, and are not flagged here.
TEST_F(BadCalibrator, DelaysOfATableOfCasaAreNamed)
{
    observe("late", "--antennas 12 --delay-std-ns 300", "--subbands 2 --integrations 6 --channels 48 ");
    EXPECT_EQ(nocturne("solve late --model cal.csv --types K,B,G --out late.h5 --casa late").code, 3);
    auto const casa = nocturne("registry register late.K --db r.sqlite");
    EXPECT_EQ(casa.code, 3) << casa.err;
    EXPECT_NE(casa.err.find("largest delay in ns"), std::string::npos) << casa.err;
    EXPECT_EQ(casa.err.find("antenna -1"), std::string::npos) << casa.err;
    EXPECT_EQ(casa.err.find("--flag-antennas"), std::string::npos) << casa.err;
    auto const ours = nocturne("registry register late.h5 --db r.sqlite");
    EXPECT_NE(ours.err.find("--flag-antennas"), std::string::npos) << ours.err;
}

TEST_F(BadCalibrator, TwoAntennasOnly)
{
    observe("two", "--antennas 2");
    expect_refused("two", "--model cal.csv", 65, "2 antennas");
}

TEST_F(BadCalibrator, NoiseAlone)
{
    std::ofstream(scratch_ / "cal.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nCAL,120,40,0.0001,0\n";
    observe("noise", "--antennas 12");
    std::ofstream(scratch_ / "bright.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nCAL,120,40,20,0\n";
    expect_refused("noise", "--model bright.csv", 3, "SNR");
}

TEST_F(BadCalibrator, NaNInSomeWeightsIsFlaggedAndCounted)
{
    observe("nan", "--antennas 12 --nsamples 1234.5");
    auto const path = shell("ls $PWD/nan/*_sb00.hdf5").out;
    std::filesystem::path const file = path.substr(0, path.size() - 1);
    auto bytes = test::slurp(file);
    float const count = 1234.5F, no_number = std::numeric_limits<float>::quiet_NaN();
    std::string const pattern(reinterpret_cast<char const*>(&count), sizeof count);
    int poisoned = 0;
    for (auto at = bytes.find(pattern); at != std::string::npos && poisoned < 90; at = bytes.find(pattern, at + 64)) {
        std::memcpy(&bytes[at], &no_number, sizeof no_number);
        ++poisoned;
    }
    ASSERT_EQ(poisoned, 90);
    std::ofstream(file, std::ios::binary) << bytes;
    auto const counts = nocturne("flag nan --only zeros,autocorr --json");
    ASSERT_EQ(counts.code, 0) << counts.err;
    EXPECT_EQ(counts.json()["rules"]["file"], 90) << counts.out;
    for (auto const& table : solved("nan", ""))
        for (std::size_t k = 0; k < table.gain.size(); ++k)
            EXPECT_TRUE(table.flag[k] || std::isfinite(std::abs(table.gain[k]))) << k;
}

/// Interference in a third of the cells: flags of single baselines leave too little signal to noise, those of the whole array do not.
TEST_F(BadCalibrator, StrategiesOfFlagsGoOnUntilTheSolutionsPass)
{
    std::ofstream(scratch_ / "cal.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nCAL,120,40,1.12,0\n";
    observe("heavy", "--antennas 14 --rfi 0.35", "--subbands 2 --integrations 8 --channels 32 ");
    auto const job = [&](std::string const& strategy, std::string const& out) {
        return nocturne(std::string("run ") + NOCTURNE_SOURCE_DIR +
                        "/jobs/calibrator.yaml --arg incoming=heavy --arg out=" + out +
                        " --arg 'calibrators=*' --min-subbands 2 --json --db " + out +
                        ".sqlite --model cal.csv "
                        "--arg strategy=" +
                        strategy);
    };
    auto const one = job("aoflagger", "one");
    EXPECT_EQ(one.code, 3) << one.err;
    auto const two = job("aoflagger,default,aggressive", "two");
    ASSERT_EQ(two.code, 0) << two.err;
    auto const kept = shell("ls $PWD/two/*/*-solutions.h5").out;
    auto const flag = nocturne("prov --json --db two.sqlite " + kept.substr(0, kept.size() - 1)).json()["flag"];
    EXPECT_EQ(flag["attempts"], 2) << flag;
    EXPECT_EQ(flag["strategy"], "default");
    EXPECT_EQ(flag["success"], true);
    EXPECT_EQ(flag["tried"][0]["verdict"], "fail");
    EXPECT_GT(flag["flagged_fraction"], 0.3);
    EXPECT_EQ(job("aoflagger,nonsense", "bad").code, 78);
}

}  // namespace
}  // namespace nocturne
