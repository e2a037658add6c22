// `nocturne submit` with a stand-in for sbatch that writes down its words: scripts, needs, arrays, what is recorded, and refusals.
#include "db/query.hpp"
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class Submit : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        stand_in(
            "n=$(($(cat n 2>/dev/null || echo 40) + 1)); echo $n >n; printf '%s ' \"$@\" >>calls; echo >>calls; echo "
            "$n");
        std::ofstream(scratch_ / "two.yaml") << "name: two\nargs: [incoming, out: products]\njobs:\n"
                                                "  targets: {needs: [solve], foreach: {items: others}, tasks: "
                                             << tasks
                                             << "}\n"
                                                "  solve: {foreach: {items: calibrators}, tasks: "
                                             << tasks << "}\n";
    }
    void note_cancelling() const { stand_in("printf '%s\\n' \"$@\" >>cancelled", "scancel"); }
    void stand_in(std::string const& body, char const* name = "sbatch") const
    {
        auto const path = scratch_ / name;
        std::ofstream(path) << "#!/usr/bin/env bash\n" << body << "\n";
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    test::Outcome submit(std::string const& more) const
    {
        return shell("PATH=.:$PATH " + program() + " submit two.yaml --arg incoming=in --db a.sqlite " + more);
    }
    std::vector<std::string> rows(std::string const& sql) const
    {
        auto session = db::Session::open((scratch_ / "a.sqlite").string(), db::OpenMode::existing);
        db::Query query(session, sql);
        auto& text = query.text();
        std::vector<std::string> all;
        while (query.fetch()) all.push_back(text.get());
        return all;
    }
    static constexpr char const* tasks = "[{task: read}, {task: convert}, {task: flag}, {task: image}]";
};

TEST_F(Submit, JobsInTheOrderOfTheirNeeds)
{
    auto const said = submit("");
    ASSERT_EQ(said.code, 0) << said.err;
    EXPECT_EQ(said.out, "41\n42\n");
    auto const calls = test::slurp(scratch_ / "calls");
    EXPECT_NE(calls.find("--dependency=afterok:41 --kill-on-invalid-dep=yes"), std::string::npos) << calls;
    EXPECT_EQ(calls.find("--dependency"), calls.rfind("--dependency")) << calls;
    EXPECT_EQ(rows("SELECT status || ' ' || job_name || ' ' || hpc_job_id FROM runs ORDER BY hpc_job_id"),
              (std::vector<std::string>{"SUBMITTED two.solve 41", "SUBMITTED two.targets 42"}));
}

/// One calibrator that fails leaves the others' solutions to serve.
TEST_F(Submit, TargetsGoOnAfterCalibratorsThatFailed)
{
    auto const night = shell("PATH=.:$PATH " + program() + " submit " + NOCTURNE_SOURCE_DIR +
                             "/jobs/night.yaml --arg incoming=in --db a.sqlite");
    ASSERT_EQ(night.code, 0) << night.err;
    EXPECT_NE(test::slurp(scratch_ / "calls").find("--dependency=afterany:41"), std::string::npos);
    auto const strict = shell("PATH=.:$PATH " + program() + " submit " + NOCTURNE_SOURCE_DIR +
                              "/jobs/night.yaml --arg incoming=in --db a.sqlite --after ok");
    ASSERT_EQ(strict.code, 0) << strict.err;
    EXPECT_NE(test::slurp(scratch_ / "calls").find("--dependency=afterok:43"), std::string::npos);
}

TEST_F(Submit, WhatIsForSlurmAloneIsRefusedHere)
{
    for (std::string const more : {"--array 3", "--ranks 4", "--time 10:00", "--cluster debian"}) {
        auto const said = submit("--runner local " + more);
        EXPECT_EQ(said.code, 64) << more << said.err;
        EXPECT_NE(said.err.find(more.substr(0, more.find(' '))), std::string::npos) << said.err;
    }
    auto const shown = submit("--runner local --dry-run");
    EXPECT_EQ(shown.out.rfind("NOCTURNE_DB=" + (scratch_ / "a.sqlite").string() + " nocturne run ", 0), 0U)
        << shown.out;
    auto const words = submit("--runner local --dry-run --quiet --log-format json --json");
    EXPECT_NE(words.out.find(" --json --quiet --log-format json"), std::string::npos) << words.out;
}

TEST_F(Submit, ARowForEachElementOfAnArray)
{
    auto const said = submit("--array 3%2 --after any --json");
    ASSERT_EQ(said.code, 0) << said.err;
    auto const jobs = said.json()["jobs"];
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[1]["needs"], nlohmann::json{"solve"});
    EXPECT_NE(jobs[0]["script"].get<std::string>().find("#SBATCH --array=0-2%2\n"), std::string::npos);
    EXPECT_EQ(test::slurp(jobs[0]["path"].get<std::string>()), jobs[0]["script"]);
    EXPECT_NE(test::slurp(scratch_ / "calls").find("--dependency=afterany:41"), std::string::npos);
    EXPECT_EQ(rows("SELECT hpc_job_id FROM runs ORDER BY hpc_job_id"),
              (std::vector<std::string>{"41_0", "41_1", "41_2", "42_0", "42_1", "42_2"}));
}

TEST_F(Submit, ADryRunLeavesNothing)
{
    auto const said = submit("--dry-run --cluster debian --time 10:00 --slurm=--gpus-per-task=1");
    ASSERT_EQ(said.code, 0) << said.err;
    EXPECT_EQ(said.out.rfind("#!/usr/bin/env bash\n", 0), 0U);
    EXPECT_NE(said.out.find("#SBATCH --gpus-per-task=1\n"), std::string::npos);
    EXPECT_NE(said.err.find("in is not there as seen from here"), std::string::npos) << said.err;
    for (auto const* name : {"calls", "a.sqlite", "products"})
        EXPECT_FALSE(std::filesystem::exists(scratch_ / name)) << name;
}

/// Print it, look at it, give it to sbatch: nobody announced a run of that name, and Slurm knows where the script stands.
TEST_F(Submit, TheScriptOfADryRunCanBeSubmittedByHand)
{
    simulate("in");
    auto const said =
        shell(program() + " submit in --out here --db a.sqlite --array 2 --dry-run -- --imsize 64 --cell 60");
    ASSERT_EQ(said.code, 0) << said.err;
    std::ofstream(scratch_ / "my.sbatch") << said.out;
    EXPECT_EQ(said.out.find("NOCTURNE_RUN_ID"), std::string::npos) << said.out;
    EXPECT_EQ(said.out.find("NOCTURNE_SCRIPT"), std::string::npos) << said.out;
    stand_in("while [ \"${1#--}\" != \"$1\" ]; do shift; done; exec \"$@\"", "srun");
    auto const made = shell("env -u NOCTURNE_RUN_ID PATH=\"$PWD:$PATH\" SLURM_JOB_ID=7_0 bash my.sbatch");
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(rows("SELECT status FROM runs"), std::vector<std::string>{"COMPLETED"});
    EXPECT_EQ(rows("SELECT state FROM ingest_queue"), std::vector<std::string>{"completed"});
    auto const listed = shell(program() + " submit in --out here --db a.sqlite --dry-run --json").json();
    EXPECT_TRUE(listed["jobs"][0]["run_ids"].empty()) << listed;
}

/// One stream of two scripts is the first alone: what is printed submits them.
TEST_F(Submit, TheScriptOfSeveralJobsSubmitsThemAll)
{
    auto const said = submit("--dry-run --cluster debian --array 2");
    ASSERT_EQ(said.code, 0) << said.err;
    std::ofstream(scratch_ / "my.sh") << said.out;
    EXPECT_EQ(shell("bash -n my.sh").code, 0);
    EXPECT_EQ(shell("! shellcheck --version >/dev/null || shellcheck my.sh").out, "");
    stand_in(
        "n=$(($(cat n 2>/dev/null || echo 40) + 1)); echo $n >n; echo \"$@\" >>calls; cat >script.$n; echo \"$n;c\"");
    auto const made = shell("PATH=\"$PWD:$PATH\" bash my.sh");
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(made.out, "41\n42\n");
    auto const calls = test::slurp(scratch_ / "calls");
    EXPECT_NE(calls.find("%A_%a.out --dependency=afterok:41 --kill-on-invalid-dep=yes\n"), std::string::npos) << calls;
    EXPECT_EQ(calls.find("--dependency"), calls.rfind("--dependency")) << calls;
    auto const jobs = submit("--dry-run --cluster debian --array 2 --json").json()["jobs"];
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(test::slurp(scratch_ / ("script." + std::to_string(41 + i))), jobs[i]["script"]);
    EXPECT_TRUE(std::filesystem::is_directory(scratch_ / "products" / "slurm"));
    stand_in("[ -e m ] && exit 1; touch m; echo 51");
    note_cancelling();
    EXPECT_EQ(shell("PATH=\"$PWD:$PATH\" bash my.sh").code, 78);
    EXPECT_EQ(test::slurp(scratch_ / "cancelled"), "51\n");
}

/// It runs the job file as it is when it starts, and says so; what the run's own options decide is no change.
TEST_F(Submit, AJobFileThatWasEditedMeanwhileIsTold)
{
    simulate("in");
    std::ofstream(scratch_ / "one.yaml")
        << "name: one\nargs: [incoming, out: products, imsize: 64, robust: 1]\njobs:\n  all: {tasks: "
           "[{task: read}, {task: convert}, {task: flag}, {task: image, args: "
           "{imsize: '${{ args.imsize }}', cell: 60, robust: '${{ args.robust }}'}}]}\n";
    stand_in("while [ \"${1#--}\" != \"$1\" ]; do shift; done; exec \"$@\"", "srun");
    auto const submitted_and_run = [&](std::string const& meanwhile) {
        auto const said = shell("PATH=.:$PATH " + program() +
                                " submit one.yaml --arg incoming=in --db a.sqlite --json " + "-- --robust 0");
        EXPECT_EQ(said.code, 0) << said.err;
        return shell(meanwhile + "; PATH=\"$PWD:$PATH\" SLURM_JOB_ID=7 bash " +
                     said.json()["jobs"][0]["path"].get<std::string>());
    };
    auto const same = submitted_and_run("true");
    ASSERT_EQ(same.code, 0) << same.err;
    EXPECT_EQ(same.err.find("was submitted"), std::string::npos) << same.err;
    auto const other = submitted_and_run("sed -i 's/imsize: 64/imsize: 80/; s/cell: 60/cell: 50/' one.yaml");
    ASSERT_EQ(other.code, 0) << other.err;
    EXPECT_NE(other.err.find("has changed: image.cell, image.imsize\n"), std::string::npos) << other.err;
    auto const fewer = submitted_and_run("sed -i 's/all: {/all: {foreach: {items: none-such*}, retry: 5, /' one.yaml");
    EXPECT_NE(fewer.err.find("has changed: foreach.items, retry.max\n"), std::string::npos) << fewer.err;
    auto const needy = submitted_and_run("sed -i 's/task: flag}/task: flag, retry: 2}/' one.yaml");
    EXPECT_NE(needy.err.find("has changed: flag.retry.backoff, flag.retry.max, flag.retry.on\n"), std::string::npos)
        << needy.err;
}

TEST_F(Submit, ARefusalTakesBackWhatWentBefore)
{
    stand_in("[ -e n ] && { echo 'sbatch: error: invalid partition specified: x' >&2; exit 1; }; touch n; echo 41");
    note_cancelling();
    auto const said = submit("--partition x");
    EXPECT_EQ(said.code, 78) << said.err;
    EXPECT_NE(said.err.find("invalid partition specified: x"), std::string::npos) << said.err;
    EXPECT_EQ(test::slurp(scratch_ / "cancelled"), "41\n");
    EXPECT_EQ(rows("SELECT DISTINCT status FROM runs"), std::vector<std::string>{"CANCELLED"});
    EXPECT_TRUE(std::filesystem::is_empty(scratch_ / "products" / "slurm"));
}

TEST_F(Submit, ASignalTakesBackWhatWentBefore)
{
    stand_in("kill -TERM $PPID; echo 41");
    note_cancelling();
    auto const said = submit("");
    EXPECT_EQ(said.code, 75) << said.err;
    EXPECT_EQ(test::slurp(scratch_ / "cancelled"), "41\n");
    EXPECT_EQ(rows("SELECT DISTINCT status FROM runs"), std::vector<std::string>{"CANCELLED"});
}

TEST_F(Submit, WhatSlurmSaysDecidesTheCode)
{
    for (auto const& [words, code] : {std::pair{"Unable to contact slurm controller (connect failure)", 69},
                                      {"Slurm temporarily unable to accept job, sleeping and retrying", 75},
                                      {"Requested node configuration is not available", 78}}) {
        stand_in("echo 'sbatch: error: " + std::string(words) + "' >&2; exit 1");
        EXPECT_EQ(submit("").code, code) << words;
    }
    stand_in("echo nonsense");
    EXPECT_EQ(submit("").code, 78);
    EXPECT_EQ(shell("PATH=/nowhere " + program() + " submit two.yaml --arg incoming=in --db a.sqlite").code, 69);
    EXPECT_EQ(submit("--cluster debain").code, 78);
    EXPECT_EQ(submit("--array 0").code, 64);
    EXPECT_EQ(submit("--arg nonsense=1").code, 78);
}

TEST_F(Submit, OneJobOfAFileAlone)
{
    auto const made = nocturne("run two.yaml --arg incoming=in --job targts --db a.sqlite");
    EXPECT_EQ(made.code, 64);
    EXPECT_NE(made.err.find("targets"), std::string::npos) << made.err;
}

TEST_F(Submit, TheRunnerMayBeThisMachine)
{
    simulate("in");
    auto const said =
        shell(program() + " submit in --out here --db a.sqlite --runner local --json -- --imsize 64 --cell 60");
    ASSERT_EQ(said.code, 0) << said.err;
    EXPECT_EQ(said.json()["groups"]["done"], 1);
}

/// Hours later it would be an exit code.
TEST_F(Submit, OptionsThatRunDoesNotTakeAreRefusedAtOnce)
{
    for (std::string const slip : {"--dry-run", "--json", "--dry-run=true"}) {
        auto const said = submit("-- --robust 0 " + slip);
        EXPECT_EQ(said.code, 64) << slip << said.err;
        EXPECT_NE(said.err.find("before the --"), std::string::npos) << said.err;
    }
    for (std::string const words : {"--nonsense 3", "--ranks-per-group x", "--help"}) {
        auto const said = submit("--dry-run -- " + words);
        EXPECT_EQ(said.code, 64) << words << said.out;
        EXPECT_NE(said.err.find("nocturne run does not work with these options"), std::string::npos) << said.err;
    }
    EXPECT_EQ(submit("--dry-run -- --imsize 64").code, 0);
}

}  // namespace
}  // namespace nocturne
