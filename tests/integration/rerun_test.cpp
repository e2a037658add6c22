// The same database, again: other inputs, other settings, other places, other runs at work. What is done must be what it says.
#include "db/groups.hpp"
#include "db/runs.hpp"
#include "tests/support/program.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <thread>

namespace nocturne {
namespace {

class Rerun : public test::ProgramTest {
protected:
    using Outcome = test::Outcome;

    std::string run(std::string const& what) const { return "run " + what + " --imsize 128 --cell 20 --db d.sqlite"; }
    Outcome done(std::string const& what) const
    {
        auto outcome = nocturne(run(what) + " --json");
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return outcome;
    }
    static std::int64_t count(Outcome const& outcome, char const* what) { return outcome.json()["groups"][what]; }
    std::string sum(std::string const& path) const { return shell("cat " + path + " | md5sum").out; }
};

TEST_F(Rerun, EachRunImagesTheFilesOfItsOwnDirectory)
{
    simulate("a");
    ASSERT_EQ(nocturne("simulate --out b --antennas 9 --integrations 3 --channels 4 --random-sources 3 --seed 5").code,
              0);
    shell("touch -d '+10 seconds' b/*.hdf5");
    EXPECT_EQ(count(done("a -o oa"), "done"), 1);
    auto const of_a = sum("oa/*/*-dirty.fits");
    EXPECT_EQ(count(done("b -o ob"), "done"), 1);
    EXPECT_NE(sum("ob/*/*-dirty.fits"), of_a);
    EXPECT_EQ(count(done("a -o oa"), "skipped"), 1);
    EXPECT_EQ(sum("oa/*/*-dirty.fits"), of_a);
    EXPECT_EQ(count(done("b -o ob"), "skipped"), 1);
    EXPECT_EQ(nocturne("groups --db d.sqlite --json").json()[0]["state"], "completed");
}

TEST_F(Rerun, AResultWhosePlaceAnotherTookIsMadeAgainAndNotShown)
{
    simulate("g");
    done("g -o st --niter 20");
    EXPECT_EQ(nocturne("images --db d.sqlite --json").json()[0]["product"], "pbcor");
    done("g -o st --robust 2");
    auto const shown = nocturne("images --db d.sqlite --json").json();
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0]["product"], "dirty") << "pbcor stands there still, but of another configuration";
    EXPECT_EQ(count(done("g -o st --niter 20"), "done"), 1);
    EXPECT_EQ(nocturne("images --db d.sqlite --json").json()[0]["product"], "pbcor");
    EXPECT_EQ(count(done("g -o st --niter 20"), "skipped"), 1);
}

TEST_F(Rerun, TwoPlacesDoNotUndoEachOther)
{
    simulate("g");
    EXPECT_EQ(count(done("g -o nx1"), "done"), 1);
    EXPECT_EQ(count(done("g -o nx2"), "done"), 1);
    EXPECT_EQ(count(done("g -o nx1"), "skipped"), 1);
    EXPECT_EQ(count(done("g -o nx2"), "skipped"), 1);
}

TEST_F(Rerun, VisibilitiesToKeepAreMadeOfAFinishedGroup)
{
    simulate("g");
    done("g -o out");
    done("g -o out --keep-visibilities kept.npz");
    EXPECT_TRUE(std::filesystem::exists(scratch_ / "kept.npz"));
}

TEST_F(Rerun, AnotherEarthTableIsAnotherConfiguration)
{
    simulate("g");
    shell(std::string("cp ") + NOCTURNE_SOURCE_DIR + "/jobs/earth/earth_orientation.txt table.txt");
    EXPECT_EQ(count(done("g -o out --earth-table table.txt"), "done"), 1);
    EXPECT_EQ(count(done("g -o out --earth-table table.txt"), "skipped"), 1);
    shell("echo '# another edition' >> table.txt");
    EXPECT_EQ(count(done("g -o out --earth-table table.txt"), "done"), 1);
    auto const path = nocturne("images --db d.sqlite --json").json()[0]["path"].get<std::string>();
    auto const config = nocturne("prov " + path + " --db d.sqlite --json").json()["config"];
    EXPECT_EQ(config["args"]["imsize"], "128") << "the value that was used";
    EXPECT_EQ(config["args"]["cell"], "20.0");
    std::map<std::string, std::string> used;
    for (auto const& file : config["data"]) used[file["use"]] = file["xxh128"];
    EXPECT_EQ(used["earth-table"].size(), 32U);
    EXPECT_EQ(used["telescope"].size(), 32U);
}

TEST_F(Rerun, AGroupInTheHandsOfAnotherRunIsLeft)
{
    simulate("g");
    ASSERT_EQ(nocturne("index scan g --db d.sqlite").code, 0);
    auto session = db::Session::open((scratch_ / "d.sqlite").string());
    db::RunStart other;
    other.code_version = "test";
    auto const run_id = db::start_run(session, other);
    auto const group = db::list_groups(session).at(0).group_id;
    ASSERT_TRUE(db::claim_group(session, group, {run_id, db::lease_owner(), -1}));
    auto const left = nocturne(run("g -o out") + " --json");
    EXPECT_EQ(left.code, 75) << left.err;
    EXPECT_EQ(count(left, "left"), 1);
    EXPECT_EQ(count(left, "skipped"), 0);
    EXPECT_NE(left.json()["failures"][0]["message"].get<std::string>().find(run_id), std::string::npos);
    EXPECT_NE(left.err.find(run_id), std::string::npos) << left.err;
}

TEST_F(Rerun, AGroupThatAnotherRunGivesBackMeanwhileIsDoneInTheEnd)
{
    for (char const* start : {"01:00:00", "02:00:00", "03:00:00", "04:00:00"})
        ASSERT_EQ(
            nocturne(std::string(
                         "simulate -o g --antennas 6 --integrations 2 --subbands 2 --channels 8 --start 2026-01-25T") +
                     start)
                .code,
            0);
    ASSERT_EQ(nocturne("index scan g --min-subbands 2 --expected-subbands 2 --db d.sqlite").code, 0);
    auto session = db::Session::open((scratch_ / "d.sqlite").string());
    db::RunStart other;
    other.code_version = "test";
    auto const claim =
        db::claim_group(session, "2026-01-25T01:00:00", {db::start_run(session, other), db::lease_owner(), 3600});
    ASSERT_TRUE(claim);
    std::thread other_run([&] {
        auto mine = db::Session::open((scratch_ / "d.sqlite").string());
        auto const done = [&] {
            auto const groups = db::list_groups(mine);
            return std::count_if(groups.begin(), groups.end(),
                                 [](auto const& group) { return group.state == db::QueueState::completed; });
        };
        for (int i = 0; i < 1200 && done() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
        db::release_claim(mine, *claim, "given back");
    });
    auto const run = nocturne(this->run("g -o out --min-subbands 2") + " --json");
    other_run.join();
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(count(run, "done"), 4);
    EXPECT_EQ(count(run, "left"), 0);
}

TEST_F(Rerun, WhatCannotBeDoneIsNotCalledDone)
{
    simulate("g");
    shell("rm g/*_sb03.hdf5");
    auto const few = nocturne(run("g -o out --min-subbands 16"));
    EXPECT_EQ(few.code, 66);
    EXPECT_EQ(few.err.find("nothing left to do"), std::string::npos) << few.err;
    EXPECT_NE(few.err.find("1 group, 1 that cannot be worked on"), std::string::npos) << few.err;
    auto const some = nocturne(run("g -o out"));
    EXPECT_EQ(some.code, 0);
    EXPECT_NE(some.err.find("lacks sb03"), std::string::npos) << some.err;
    EXPECT_NE(nocturne(run("g -o out")).err.find("nothing left to do: 1 group, 1 done before"), std::string::npos);
    EXPECT_EQ(nocturne(run("g -o out --limit -1")).code, 64);
    EXPECT_EQ(nocturne("groups --limit -5 --db d.sqlite").code, 64);
}

TEST_F(Rerun, FilesThatWentAwayDoNotUndoWhatWasMadeOfThem)
{
    simulate("g");
    EXPECT_EQ(count(done("g -o out"), "done"), 1);
    auto const whole = sum("out/*/*-dirty.fits");
    shell("mkdir kept; mv g/*_sb03.hdf5 g/*_sb04.hdf5 kept");
    EXPECT_EQ(count(done("g -o out"), "skipped"), 1);
    shell("mv g/*.hdf5 kept; cp kept/*_sb07.hdf5 g");  // none is there, then one came back
    EXPECT_EQ(count(done("g -o out"), "skipped"), 1);
    EXPECT_EQ(sum("out/*/*-dirty.fits"), whole);
    EXPECT_EQ(nocturne("groups --db d.sqlite --json").json()[0]["state"], "completed");
    EXPECT_EQ(nocturne(run("g -o out") + " --robust 0").code, 66) << "another image is not made of one subband";
    shell("cp kept/*.hdf5 g; rm g/*_sb03.hdf5");
    EXPECT_EQ(count(done("g -o out --robust 0"), "done"), 1);
    shell("cp kept/*_sb03.hdf5 g");
    EXPECT_EQ(count(done("g -o out --robust 0"), "done"), 1) << "a file that no result was made of";
}

TEST_F(Rerun, AGroupThatMayStillGrowIsToBeAskedForAgain)
{
    simulate("g");
    shell("mkdir late; mv g/*_sb1*.hdf5 g/*_sb03.hdf5 late");
    EXPECT_EQ(nocturne(run("g -o out --partial-after 1h")).code, 75) << "too few as yet";
    EXPECT_EQ(nocturne(run("g -o out")).code, 66);
    shell("mv late/*_sb1*.hdf5 g; cp g/*_sb04.hdf5 fourth");
    auto const early = nocturne(run("g -o out --partial-after 10min"));
    EXPECT_EQ(early.code, 75) << early.err;
    EXPECT_NE(early.err.find("still collecting"), std::string::npos) << early.err;
    shell("mv late/*_sb03.hdf5 g; truncate -s 20000 g/*_sb04.hdf5");
    auto const half = nocturne(run("g -o out --partial-after 10min"));
    EXPECT_EQ(half.code, 75) << "half a file: " << half.err;
    EXPECT_EQ(nocturne(run("g -o out")).code, 65);
    shell("cat fourth > $(echo g/*_sb04.hdf5)");
    EXPECT_EQ(count(done("g -o out --partial-after 10min"), "done"), 1);
}

TEST_F(Rerun, FilesThatWereGivenOtherNamesAreDoneAsBefore)
{
    simulate("g", "--jitter 7s");
    EXPECT_EQ(count(done("g -o out"), "done"), 1);
    shell(
        "cd g; s=$(basename *_sb00.hdf5 _sb00.hdf5); for f in *_sb*.hdf5; do n=${s}_${f##*_}; [ $f = $n ] || mv $f $n; "
        "done");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(count(done("g -o out"), "skipped"), 1);
        EXPECT_EQ(nocturne("groups --db d.sqlite --json").json()[0]["state"], "completed");
    }
    EXPECT_EQ(nocturne("queue reprocess $(" + program() +
                       " groups --db d.sqlite | grep -o '2026[^ ]*' | head -1) --db d.sqlite")
                  .code,
              0);
    EXPECT_EQ(count(done("g -o out"), "done"), 1);
}

TEST_F(Rerun, AnAnnouncedRunIsInTheDatabaseOfItsJob)
{
    simulate("g");
    auto const lost = shell("NOCTURNE_RUN_ID=20260101T000000Z-nowhere " + program() + " " + run("g -o out"));
    EXPECT_EQ(lost.code, 78) << lost.err;
    EXPECT_NE(lost.err.find("is not in database"), std::string::npos) << lost.err;
}

TEST_F(Rerun, ImagesOfOtherSettingsThatStayAreTold)
{
    simulate("g");
    auto const first = done("g -o out --niter 20");
    EXPECT_EQ(first.err.find("stay beside"), std::string::npos) << first.err;
    auto const again = done("g -o out --niter 30");
    EXPECT_EQ(again.err.find("stay beside"), std::string::npos) << again.err;
    auto const plain = done("g -o out --niter 0");
    EXPECT_NE(plain.err.find("stay beside the new products: image, residual, model, pb, pbcor, weight, noise"),
              std::string::npos)
        << plain.err;
}

/// Channels, the cube, candidates; not those that are made again.
TEST_F(Rerun, ChannelsAndCandidatesOfOtherSettingsThatStayAreTold)
{
    simulate("g");
    auto const first = done("g -o out --cube 8 --per-integration");
    EXPECT_EQ(first.err.find("stay beside"), std::string::npos) << first.err;
    auto const fewer = done("g -o out --cube 4");
    EXPECT_NE(fewer.err.find("stay beside the new products: ch0004, ch0005, ch0006, ch0007, candidates\n"),
              std::string::npos)
        << fewer.err;
    auto const none = done("g -o out --cube ''");
    EXPECT_NE(none.err.find("stay beside the new products: cube, ch0000 … ch0007 (8), candidates\n"), std::string::npos)
        << none.err;
}

TEST_F(Rerun, WhatIsToBeDoneAgainAndHasNoFilesIsNotCalledDone)
{
    simulate("g");
    EXPECT_EQ(count(done("g -o out"), "done"), 1);
    std::string const group = nocturne("groups --db d.sqlite --json").json()[0]["group_id"];
    shell("mkdir kept; mv g/*.hdf5 kept");
    auto const asked = nocturne("queue reprocess " + group + " --db d.sqlite");
    EXPECT_EQ(asked.code, 0);
    EXPECT_NE(asked.err.find("no file of group " + group + " is seen from here"), std::string::npos) << asked.err;
    auto const without = nocturne(run("g -o out"));
    EXPECT_EQ(without.code, 66);
    EXPECT_NE(without.err.find("it is to be done again, but none of its files are in"), std::string::npos)
        << without.err;
    EXPECT_EQ((without.out + without.err).find("nothing left to do"), std::string::npos) << without.out << without.err;
    EXPECT_EQ(nocturne("queue resolve " + group + " --db d.sqlite").code, 0);
    EXPECT_EQ(nocturne(run("g -o out")).code, 0) << "a person settled it";
    shell("mv kept/*.hdf5 g");
    EXPECT_EQ(nocturne("queue retry " + group + " --db d.sqlite").code, 0);
    EXPECT_EQ(count(done("g -o out"), "done"), 1);
}

TEST_F(Rerun, WhatMayNotBeWrittenCanBeRead)
{
    simulate("g");
    ASSERT_EQ(nocturne("index scan g --db d.sqlite").code, 0);
    std::string const other = geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
    shell("chmod 444 d.sqlite && chmod 555 .");
    bool const possible = shell(other + "test -x " + program() + " -a ! -w .").code == 0;
    auto const listed = shell(other + program() + " groups --db d.sqlite --json");
    shell("chmod 755 .");
    if (!possible) GTEST_SKIP() << "no other user can be taken on here, and this one may write everywhere";
    ASSERT_EQ(listed.code, 0) << listed.err;
    EXPECT_EQ(listed.json().size(), 1U);
}

TEST_F(Rerun, AFileThatIsAGroupByItselfIsOne)
{
    shell(std::string("mkdir in && cp ") + NOCTURNE_SOURCE_DIR +
          "/tests/golden/uvh5/hera_zen.2458661.uvh5 in/LONE.uvh5");
    EXPECT_EQ(count(done("in/LONE.uvh5 -o out"), "done"), 1);

    simulate("g");
    auto const one = nocturne(run("g/2*_sb03.hdf5 -o out"));
    EXPECT_EQ(one.code, 64);
    EXPECT_NE(one.err.find("one subband of a group"), std::string::npos) << one.err;
}

TEST_F(Rerun, AMeasurementSetIsIndexedAsAGroup)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms sets/night.ms").code, 0);
    shell("touch sets/other.txt");
    auto const report = nocturne("index scan sets/night.ms --db d.sqlite --json").json();
    EXPECT_EQ(report["group_ids"], nlohmann::json::array({"night"}));
    EXPECT_EQ(report["foreign"].size(), 0U);
    EXPECT_EQ(count(done("sets/night.ms -o out"), "done"), 1);
}

TEST_F(Rerun, ASignalDuringCleanIsAnsweredInTime)
{
    simulate("g", "--noise");
    auto const late = shell(
        program() +
        " run g -o out --db d.sqlite --imsize 1024 --cell 3 --niter 5000000 --gain 0.0001 --mgain 1 --threshold 1uJy "
        "--auto-mask 0 --auto-threshold 0 & pid=$!; sleep 3; date +%s; kill -TERM $pid; wait $pid; echo $?; date +%s");
    std::istringstream words(late.out);
    long asked = 0, code = 0, answered = 0;
    words >> asked >> code >> answered;
    EXPECT_EQ(code, 75) << late.out << late.err;
    EXPECT_LT(answered - asked, 10);
}

TEST_F(Rerun, ALimitCountsGroupsThatThisRunBegan)
{
    for (std::string const minute : {"0", "1", "2", "3", "4"})
        ASSERT_EQ(
            nocturne(
                "simulate --out in --antennas 5 --integrations 2 --subbands 2 --channels 4 --random-sources 2 --start "
                "2026-01-25T22:0" +
                minute + ":05")
                .code,
            0);
    auto const job = "run in --out out --db d.sqlite --min-subbands 2 --quiet --json" + std::string(test::small_image);
    auto const both = shell(program() + " " + job + " --limit 2 >a.json & " + program() + " " + job +
                            " --limit 2 >b.json; b=$?; wait $!; echo $? $b");
    std::set<std::string> const codes{"0 0\n", "0 75\n", "75 0\n", "75 75\n"};  // 75: a group was in the other's hands
    EXPECT_TRUE(codes.count(both.out)) << both.out << both.err;
    auto const states = nocturne("queue show --db d.sqlite --json").json();
    EXPECT_EQ(std::count_if(states.begin(), states.end(), [](auto const& row) { return row["state"] == "completed"; }),
              4);
    auto const rest = mpi(2, job + " --limit 3");
    EXPECT_EQ(rest.code, 0) << rest.err;
    EXPECT_EQ(count(rest, "done"), 1);
    EXPECT_EQ(count(rest, "left"), 0);
    EXPECT_EQ(count(nocturne(job + " --limit 0"), "skipped"), 5);
}

TEST_F(Rerun, StagedFilesAndTurnsChangeNothingOfProducts)
{
    simulate("in");
    auto const options = std::string(test::small_image) + " --quiet --json ";
    ASSERT_EQ(nocturne("run in --out plain --db plain.sqlite" + options).code, 0);
    shell("mkdir -p node/nocturne-stage-$(id -u)/dead; echo half > node/nocturne-stage-$(id -u)/dead/x.hdf5");
    auto const staged = shell("NOCTURNE_SCRATCH=$PWD " + program() +
                              " run in --out staged --db staged.sqlite --stage node --max-readers 1" + options);
    ASSERT_EQ(staged.code, 0) << staged.err;
    EXPECT_EQ(shell("for f in plain/*/*.png; do cmp $f staged/${f#plain/} || echo differs; done").out, "");
    EXPECT_EQ(shell("ls -A node").out, "");
    auto const inputs = shell(
        "python3 - <<'P'\nimport sqlite3\nprint(sqlite3.connect('staged.sqlite').execute(\"select count(*) from "
        "run_inputs where path like '%/in/%'\").fetchone()[0])\nP");
    EXPECT_EQ(inputs.out, "16\n") << "the record names the files themselves";
    EXPECT_EQ(nocturne("run in --out staged --db staged.sqlite --stage node" + options).json()["groups"]["skipped"], 1);
}

}  // namespace
}  // namespace nocturne
