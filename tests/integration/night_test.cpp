// A night as a user runs it: two calibrators around a target, gains that drift, interference, a dead antenna. Calibrators are found by
// the catalogue, solved, registered; the target is corrected between them; again there is nothing to do; one bad group stops nobody.
#include "db/groups.hpp"
#include "db/runs.hpp"
#include "tests/support/program.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace nocturne {
namespace {

class NightRoad : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        std::ofstream(scratch_ / "sky.csv") << "name,ra_deg,dec_deg,flux_jy,spix\n"
                                               "3C286,202.784533267,30.509155236,15.0838,-0.501\n"
                                               "3C293,208.07433625,31.4463,3.57925,-0.638\n";
        std::ofstream(scratch_ / "none.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nN,205.4,31.1,0.0001,0\n";
        observe("before", "--ra 202.78 --seed 1 --sources sky.csv");
        observe("target", "--ra 205.4 --seed 2 --source 205.3,31.05,10");
        observe("after", "--ra 208.07 --seed 3 --sources sky.csv");
        shell("mkdir night && cp before/*.hdf5 target/*.hdf5 after/*.hdf5 night/");
    }
    void observe(std::string const& directory, std::string const& what) const
    {
        auto const made = nocturne(
            "simulate --out " + directory +
            " --antennas 14 --integrations 6 --subbands 2 --channels 32 --dec 30.98 --start 2026-01-25T12:00:00 "
            "--noise "
            "--gain-seed 7 --gain-std 0.15 --phase-std-deg 60 --delay-std-ns 2 --drift-phase-deg 40 --drift-hours 4 "
            "--rfi 0.02 --dead 45 " +
            what);
        ASSERT_EQ(made.code, 0) << made.err;
    }
    static std::string night(std::string const& out = "out", std::string const& more = "")
    {
        return std::string("run ") + NOCTURNE_SOURCE_DIR + "/jobs/night.yaml --arg incoming=night --arg out=" + out +
               " --arg imsize=512 --arg cell=6 --arg weighting=natural --min-subbands 2 --json --db " + out +
               ".sqlite " + more;
    }
    nlohmann::json images(std::string const& out = "out") const
    {
        return nocturne("images --json --db " + out + ".sqlite").json();
    }
    nlohmann::json sets(std::string const& out = "out") const
    {
        return nocturne("registry list --json --db " + out + ".sqlite").json();
    }
    double peak(std::string const& out = "out") const
    {
        auto const plane = read_fits(images(out).at(0).at("path"));
        return *std::max_element(plane.pixels.begin(), plane.pixels.end());
    }
    /// The same target by an instrument without gains and interference.
    double perfect_peak() const
    {
        auto const made =
            shell(program() +
                  " simulate --out perfect --antennas 14 --integrations 6 --subbands 2 --channels 32 --dec 30.98 "
                  "--start 2026-01-25T12:00:00 --noise --dead 45 --ra 205.4 --seed 2 --source 205.3,31.05,10 && " +
                  program() + " image perfect --out p/t --imsize 512 --cell 6 --weighting natural");
        EXPECT_EQ(made.code, 0) << made.err;
        auto const plane = read_fits((scratch_ / "p/t-dirty.fits").string());
        return *std::max_element(plane.pixels.begin(), plane.pixels.end());
    }
};

TEST_F(NightRoad, PlansCalibratorsBeforeTargets)
{
    auto const plan = nocturne(night("out", "--dry-run"));
    ASSERT_EQ(plan.code, 0) << plan.err;
    auto const jobs = plan.json()["jobs"];
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[0]["job"], "night.calibrate");
    EXPECT_EQ(jobs[0]["todo"].size(), 2U);
    EXPECT_EQ(jobs[1]["needs"], nlohmann::json{"calibrate"});
    EXPECT_EQ(jobs[1]["todo"].size(), 1U);
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
}

TEST_F(NightRoad, CorrectsTheTargetBetweenItsCalibrators)
{
    auto const first = nocturne(night());
    ASSERT_EQ(first.code, 0) << first.err;
    EXPECT_EQ(first.json()["groups"]["done"], 3);
    auto const registered = sets();
    ASSERT_EQ(registered.size(), 2U);
    for (auto const& set : registered) {
        EXPECT_EQ(set["active"], 3);
        EXPECT_NE(set["qa"], "fail");
    }
    ASSERT_EQ(images().size(), 1U);
    double const perfect = perfect_peak();
    EXPECT_NEAR(peak() / perfect, 1, 0.01);
    auto const image = images()[0]["path"].get<std::string>();
    auto const prov = nocturne("prov --json --db out.sqlite " + image).json();
    EXPECT_EQ(prov["calibration"]["method"], "interpolated");
    EXPECT_EQ(prov["calibration"]["provenance"], "SAME_DATE_VALID");
    auto const kept = shell("ls $PWD/out/*/*-solutions.h5 | head -n 1").out;
    auto const origin = nocturne("prov --json --db out.sqlite " + kept.substr(0, kept.size() - 1)).json();
    EXPECT_EQ(origin["flag"]["attempts"], 1);
    EXPECT_EQ(origin["inputs"].size(), 2U);
    auto const again = nocturne(night());
    EXPECT_EQ(again.code, 0);
    EXPECT_EQ(again.json()["groups"], (nlohmann::json{{"done", 0}, {"failed", 0}, {"left", 0}, {"skipped", 3}}));
    // Without calibration the same target is nowhere near.
    ASSERT_EQ(nocturne(std::string("run ") + NOCTURNE_SOURCE_DIR +
                       "/jobs/continuum.yaml --arg incoming=target --arg out=raw --arg imsize=512 --arg cell=6 --arg "
                       "weighting=natural --min-subbands 2 --db raw.sqlite")
                  .code,
              0);
    EXPECT_LT(peak("raw"), 0.8 * perfect);
}

TEST_F(NightRoad, IsTheSameForAnyRanks)
{
    std::set<std::string> sums, solutions;
    for (int ranks : {1, 2, 4}) {
        auto const out = "r" + std::to_string(ranks);
        auto const run = mpi(ranks, night(out, ranks == 4 ? "--ranks-per-group 2" : ""));
        ASSERT_EQ(run.code, 0) << run.err;
        sums.insert(images(out).at(0).at("datasum").get<std::string>());
        solutions.insert(shell("cat " + out + "/*/*-solutions.h5 | sha256sum").out);
    }
    EXPECT_EQ(sums.size(), 1U);
    EXPECT_EQ(solutions.size(), 1U);
}

TEST_F(NightRoad, ABadCalibratorStopsNobody)
{
    observe("noise", "--ra 208.07 --seed 3 --sources none.csv");
    shell("cp noise/*.hdf5 night/");
    auto const run = nocturne(night());
    EXPECT_EQ(run.code, 3) << run.err;
    EXPECT_EQ(run.json()["groups"]["done"], 2);
    ASSERT_EQ(run.json()["failures"].size(), 1U);
    EXPECT_NE(run.json()["failures"][0]["message"].get<std::string>().find("SNR"), std::string::npos) << run.out;
    EXPECT_EQ(sets().size(), 1U);
    EXPECT_EQ(shell("find out -name '*-solutions.h5' | wc -l").out, "1\n");
    auto const image = images().at(0).at("path").get<std::string>();
    EXPECT_EQ(nocturne("prov --json --db out.sqlite " + image).json()["calibration"]["method"], "nearest");
    EXPECT_EQ(nocturne(night()).json()["groups"],
              (nlohmann::json{{"done", 0}, {"failed", 1}, {"left", 0}, {"skipped", 2}}));
}

TEST_F(NightRoad, ATargetWaitsForACalibratorInOtherHands)
{
    auto const calibrator = nocturne(night("out", "--dry-run")).json()["jobs"][0]["todo"][0].get<std::string>();
    auto session = db::Session::open((scratch_ / "out.sqlite").string());
    db::RunStart other;
    other.code_version = "test";
    auto const claim = db::claim_group(session, calibrator, {db::start_run(session, other), db::lease_owner(), 3600});
    ASSERT_TRUE(claim);
    auto const run = nocturne(night());
    EXPECT_EQ(run.code, 75) << run.err;
    EXPECT_EQ(run.json()["groups"], (nlohmann::json{{"done", 1}, {"failed", 0}, {"left", 2}, {"skipped", 0}}));
    EXPECT_NE(run.err.find("a calibrator is left for a rerun"), std::string::npos) << run.err;
    EXPECT_EQ(shell("find out -name '*.fits'").out, "");
    ASSERT_TRUE(db::release_claim(session, *claim, "given back"));
    auto const rest = nocturne(night());
    EXPECT_EQ(rest.code, 0) << rest.err;
    EXPECT_EQ(rest.json()["groups"], (nlohmann::json{{"done", 2}, {"failed", 0}, {"left", 0}, {"skipped", 1}}));
}

TEST_F(NightRoad, WithoutCalibratorsTargetsAreRefused)
{
    auto const run = nocturne(night("out", "--arg calibrators=nothing"));
    EXPECT_EQ(run.code, 66);
    EXPECT_EQ(run.json()["groups"]["failed"], 4) << "three targets, and the name that no group has";
    EXPECT_NE(run.out.find("NO_VIABLE_TABLE"), std::string::npos);
    EXPECT_NE(run.err.find("no group is called 'nothing'"), std::string::npos) << run.err;
    EXPECT_EQ(shell("find out -name '*.fits'").out, "");
    // By name: one of the two serves; the other is imaged as a target.
    auto const named = nocturne(night("named", "--arg 'calibrators=*T13:05:*'"));
    EXPECT_EQ(named.code, 0) << named.err;
    EXPECT_EQ(sets("named").size(), 1U);
    EXPECT_EQ(images("named").size(), 2U);
}

TEST_F(NightRoad, KilledInTheMiddleItGoesOnToTheSameBits)
{
    ASSERT_EQ(nocturne(night("whole")).code, 0);
    int met = 0;
    for (int delay_ms = 100; delay_ms <= 1300; delay_ms += 150) met += killed_after(night("cut"), delay_ms);
    EXPECT_GT(met, 1) << "kills that met a run";
    auto const rest = nocturne(night("cut"));
    ASSERT_EQ(rest.code, 0) << rest.err;
    EXPECT_EQ(images("cut").at(0).at("datasum"), images("whole").at(0).at("datasum"));
    EXPECT_EQ(sets("cut").size(), 2U);
    EXPECT_EQ(shell("find cut -name '.*tmp*'").out, "") << "stray temporary files";
}

TEST_F(NightRoad, CalibratorsAloneThenByHandFromTheRegistry)
{
    auto const run = nocturne(std::string("run ") + NOCTURNE_SOURCE_DIR +
                              "/jobs/calibrator.yaml --arg incoming=night --arg out=cal --min-subbands 2 --json --db "
                              "cal.sqlite");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.json()["groups"]["done"], 2);
    auto const image = nocturne(
        "image target --out hand/t --solutions registry --db cal.sqlite --imsize 512 --cell 6 "
        "--weighting natural --json");
    ASSERT_EQ(image.code, 0) << image.err;
    ASSERT_EQ(nocturne(night()).code, 0);
    EXPECT_EQ(image.json()[0]["datasum"], images()[0]["datasum"]);
    auto const applied = nocturne("apply target --solutions registry --db cal.sqlite --ms t.ms --json");
    ASSERT_EQ(applied.code, 0) << applied.err;
    EXPECT_EQ(applied.json()["calibration"]["method"], "interpolated");
    auto const near = nocturne("apply target --solutions registry --min-gap 1 --db cal.sqlite --ms u.ms --json");
    EXPECT_EQ(near.json()["calibration"]["method"], "nearest");
    EXPECT_EQ(nocturne("apply target --solutions registry --reach 0.01 --db cal.sqlite --ms v.ms").code, 66);
    EXPECT_EQ(nocturne("apply target --solutions registry --ms v.ms").code, 64);
}

/// A calibrator that is solved into another place takes the set's name; the night takes it back without a solve, and a person's word is kept.
TEST_F(NightRoad, ASetThatAnotherResultTookComesBack)
{
    ASSERT_EQ(nocturne(night()).code, 0);
    auto const other = nocturne(std::string("run ") + NOCTURNE_SOURCE_DIR +
                                "/jobs/calibrator.yaml --arg incoming=before --arg out=other --strategy aggressive "
                                "--min-subbands 2 --db out.sqlite");
    ASSERT_EQ(other.code, 0) << other.err;
    EXPECT_NE(other.err.find("takes the place of"), std::string::npos) << other.err;
    auto const plan = nocturne(night("out", "--dry-run")).json();
    EXPECT_EQ(plan["jobs"][0]["register_again"], 1);
    shell("rm -r other");
    auto const again = nocturne(night());
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(again.json()["groups"]["skipped"], 3);
    EXPECT_NE(again.err.find("is registered again"), std::string::npos) << again.err;
    auto const smaller = nocturne(night("out", "--arg imsize=256"));
    EXPECT_EQ(smaller.code, 0) << smaller.err;
    EXPECT_EQ(smaller.json()["groups"]["done"], 1);
    auto const name = sets()[0]["set_name"].get<std::string>();
    ASSERT_EQ(nocturne("registry retire " + name + " --db out.sqlite").code, 0);
    EXPECT_EQ(nocturne(night("out", "--arg imsize=256")).code, 0);
    std::int64_t active = 0;
    for (auto const& set : sets()) active += set["active"].get<std::int64_t>() > 0;
    EXPECT_EQ(active, 1);
}

/// Every sample has one fate; by channel they add up to the whole, by antenna cross-correlations count for both.
TEST_F(NightRoad, FlagsAddUpByChannelAndByAntenna)
{
    auto const flags = nocturne("flag before --json").json();
    auto const sum = [](nlohmann::json const& rows) {
        std::map<std::string, Index> all;
        for (auto const& row : rows)
            for (auto const& [rule, n] : row["rules"].items()) all[rule] += n.get<Index>();
        return all;
    };
    std::map<std::string, Index> whole;
    for (auto const& [rule, n] : flags["rules"].items()) whole[rule] += n.get<Index>();
    EXPECT_GT(whole["array"], 0);
    EXPECT_GT(whole["dead"], 0);
    Index total = 0;
    for (auto const& [rule, n] : whole) total += n;
    EXPECT_EQ(total, flags["samples"].get<Index>());
    auto const by_channel = sum(flags["channels"]), by_antenna = sum(flags["antennas"]);
    for (auto const& [rule, n] : whole) {
        EXPECT_EQ(by_channel.at(rule), n) << rule;
        if (rule == "missing") continue;  // of auto- and cross-correlations
        EXPECT_EQ(by_antenna.at(rule), rule == "autocorrelation" ? n : 2 * n) << rule;
    }
}

TEST_F(NightRoad, TheJobGraphIsChecked)
{
    auto const refused = [&](std::string const& jobs, std::string const& word) {
        std::ofstream(scratch_ / "bad.yaml") << "name: bad\nargs: [incoming, out]\njobs:\n" << jobs;
        auto const run = nocturne("run bad.yaml --arg incoming=night --arg out=bad --min-subbands 2 --db bad.sqlite");
        EXPECT_EQ(run.code, 78) << jobs;
        EXPECT_NE(run.err.find(word), std::string::npos) << run.err;
    };
    std::string const tasks = ", tasks: [{task: convert}, {task: flag}, {task: image}]}\n";
    refused("  a: {needs: b, foreach: {items: 'x*'}" + tasks + "  b: {needs: [a], foreach: {items: 'y*'}" + tasks,
            "circle");
    refused("  calibrate: {foreach: {items: 'x*'}" + tasks + "  b: {needs: calibrat, foreach: {items: others}" + tasks,
            "did you mean 'calibrate'?");
    refused("  a: {foreach: {items: groups}" + tasks + "  b: {foreach: {items: others}" + tasks, "same groups");
    refused("  a: {foreach: {items: '*'}" + tasks + "  b: {foreach: {items: '*T13:05*'}" + tasks, "both take group");
    refused("  a: {foreach: {items: others, radius: wide}" + tasks, "a number");
}

}  // namespace
}  // namespace nocturne
