// Groups that fail: tried again by the same run, given up after enough of it, brought back by hand.
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class Retries : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        simulate("in");
    }
    test::Outcome run(std::string const& fault, std::string const& job = "in -o out") const
    {
        return shell("NOCTURNE_FAULT=" + fault + " " + program() + " run " + job +
                     " --imsize 128 --cell 20 --db d.sqlite --json");
    }
    nlohmann::json queue() const { return nocturne("queue show --db d.sqlite --json").json().at(0); }
    /// The shipped job with a policy of its own.
    std::string job_with(std::string const& retry) const
    {
        shell(std::string("sed 's/^  continuum:/  continuum:\\n    retry: ") + retry + "/' " + NOCTURNE_SOURCE_DIR +
              "/jobs/continuum.yaml > job.yaml");
        return "job.yaml --arg incoming=in --arg out=out";
    }
};

TEST_F(Retries, TroubleThatPassesIsOutlived)
{
    auto const end = run("convert:2");
    EXPECT_EQ(end.code, 0) << end.err;
    EXPECT_EQ(end.json()["groups"]["done"], 1);
    EXPECT_EQ(queue()["retry_count"], 2);
    EXPECT_EQ(queue()["state"], "completed");
    EXPECT_EQ(queue()["failures"], 0);
}

TEST_F(Retries, AfterEnoughFailuresAGroupIsGivenUp)
{
    auto const job = job_with("{backoff: 0, max: 2}");
    auto const end = run("image:5", job);
    EXPECT_EQ(end.code, 74) << end.err;
    EXPECT_NE(end.err.find("is given up"), std::string::npos) << end.err;
    EXPECT_EQ(queue()["state"], "failed");
    EXPECT_EQ(queue()["stage"], "error");
    EXPECT_EQ(queue()["retry_count"], 2);
    auto const later = run("", job);
    EXPECT_EQ(later.code, 74) << later.err;
    EXPECT_NE(later.json()["failures"][0]["message"].get<std::string>().find("given up after 2 failures"),
              std::string::npos)
        << later.out;
    EXPECT_EQ(queue()["retry_count"], 2) << "it is left alone";
    auto const id = queue()["group_id"].get<std::string>();
    auto const newest =
        nocturne("runs get " + later.json()["run_id"].get<std::string>() + " --db d.sqlite --json").json();
    ASSERT_EQ(newest["errors"].size(), 1U) << newest;
    EXPECT_EQ(newest["errors"][0]["group_id"], id);
    EXPECT_EQ(newest["errors"][0]["code"], 74);
    EXPECT_EQ(nocturne("queue retry " + id + " --db d.sqlite").code, 0);
    EXPECT_EQ(run("", job).code, 0);
}

/// A disk that is full for however many runs gives no group up: with room again the same command makes it.
/// Groups that no run could claim are errors of each run that was asked for them.
TEST_F(Retries, EveryDamagedGroupIsInTheRecordOfTheRun)
{
    simulate("in", "--start 2026-03-01T06:00:00");
    shell("for f in in/*_sb03.hdf5; do truncate -s -1000 $f; done");
    auto const end = run("", "in -o out");
    EXPECT_EQ(end.code, 65) << end.err;
    auto const got = nocturne("runs get " + end.json()["run_id"].get<std::string>() + " --db d.sqlite --json").json();
    ASSERT_EQ(got["errors"].size(), 2U) << got;
    EXPECT_NE(got["errors"][0]["group_id"], got["errors"][1]["group_id"]);
    for (auto const& group : got["groups"]) EXPECT_EQ(group["status"], "FAILED");
}

TEST_F(Retries, AFullDiskGivesNoGroupUp)
{
    auto const job = job_with("{backoff: 0, max: 2}");
    for (int i = 1; i <= 3; ++i) {
        auto const full = run("image:9:space", job);
        EXPECT_EQ(full.code, 74) << full.err;
        EXPECT_EQ(queue()["failures"], i) << "once in each run";
        EXPECT_EQ(queue()["stage"], "failed");
    }
    auto const end = run("", job);
    EXPECT_EQ(end.code, 0) << end.err;
    EXPECT_EQ(end.json()["groups"]["done"], 1);
}

TEST_F(Retries, AnotherConfigurationIsTriedAnew)
{
    auto const job = job_with("{backoff: 0, max: 1}");
    EXPECT_EQ(run("image:5", job).code, 74);
    EXPECT_EQ(queue()["stage"], "error");
    EXPECT_EQ(run("", job + " --niter 5").code, 0);
}

TEST_F(Retries, OnlyCausesThatThePolicyNamesAreTriedBySameRun)
{
    auto const end = run("convert:1", job_with("{backoff: 0, on: [oom, node]}"));
    EXPECT_EQ(end.code, 74) << end.err;
    EXPECT_EQ(queue()["retry_count"], 1);
    EXPECT_EQ(queue()["stage"], "failed");
    EXPECT_EQ(run("", job_with("{backoff: 0, on: [oom, node]}")).code, 0) << "the next run tries it";
}

TEST_F(Retries, RanksOfATeamRetryTogether)
{
    auto const end = shell(
        "NOCTURNE_FAULT=convert:1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe "
        "-np 2 " +
        program() + " run " + job_with("{backoff: 0}") +
        " --ranks-per-group 2 --imsize 128 --cell 20 --db d.sqlite --json");
    EXPECT_EQ(end.code, 0) << end.err;
    EXPECT_EQ(queue()["retry_count"], 1);
}

TEST_F(Retries, AStopBeforeTheNextTryIsLeftForTheSameCommand)
{
    auto const job = job_with("{backoff: 60}");
    auto const end = shell("NOCTURNE_FAULT=convert:1 " + program() + " run " + job +
                           " --imsize 128 --cell 20 --db d.sqlite >log & pid=$!; for i in $(seq 100); do " + program() +
                           " queue show --db d.sqlite | grep -q failed && break; sleep 0.1; done; kill -TERM $pid; "
                           "wait $pid; echo $?");
    EXPECT_EQ(end.out, "75\n") << end.err;
    EXPECT_EQ(nocturne("runs list --db d.sqlite --json").json()[0]["status"], "CANCELLED");
    EXPECT_EQ(nocturne("events tail -n 1 --plain --db d.sqlite").json()["event"]["status"], "canceled");
    EXPECT_EQ(run("", job).code, 0);
}

/// Nobody has a group that a person took from its run: the run says that, and does not name another that would finish it.
TEST_F(Retries, AGroupTakenByHandIsSaidToBeNobodys)
{
    auto const end =
        shell(program() + " run in -o out --imsize 2048 --cell 5 --db d.sqlite & pid=$!; for i in $(seq 200); do " +
              program() + " queue show --db d.sqlite | grep -q in_progress && break; sleep 0.05; done; " + program() +
              " queue retry --force 2026-01-25T22:26:05 --db d.sqlite; wait $pid; echo $?");
    EXPECT_NE(end.out.find("75\n"), std::string::npos) << end.err;
    EXPECT_NE(end.err.find("was taken from this run"), std::string::npos) << end.err;
    EXPECT_EQ(queue()["state"], "pending");
}

TEST_F(Retries, SlipsOfThePolicyAreNamed)
{
    auto const end = run("", job_with("{on: [ooom]}"));
    EXPECT_EQ(end.code, 78);
    EXPECT_NE(end.err.find("did you mean 'oom'"), std::string::npos) << end.err;
    EXPECT_EQ(run("", job_with("{max: 0}")).code, 78);
    EXPECT_EQ(run("", job_with("{times: 3}")).code, 78);
    EXPECT_EQ(run("convert", job_with("3")).code, 78);
}

}  // namespace
}  // namespace nocturne
