// Events, timings and metrics of runs, as users and other programs meet them.
#include "tests/support/program.hpp"

#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace nocturne {
namespace {

using nlohmann::json;

class EventsOfRuns : public test::ProgramTest {
protected:
    test::Outcome run(std::string const& more = "") const
    {
        return nocturne("run in --out out --db a.sqlite --quiet" + std::string(test::small_image) + more);
    }
    json exported(std::string const& more = "") const { return nocturne("events export --db a.sqlite " + more).json(); }
};

TEST_F(EventsOfRuns, tell_of_the_run_its_groups_and_their_stages)
{
    simulate("in");
    simulate("in", "--start 2026-03-01T06:00:00");
    ASSERT_EQ(run("--json").code, 0);
    auto const events = exported();
    std::map<std::string, int> kinds;
    std::set<std::string> keys, groups;
    double image_s = 0;
    for (auto const& event : events) {
        keys.insert(event["idempotency_key"].get<std::string>());
        auto const& entity = event["entity"];
        auto const sub = entity["sub_key"].is_null() ? "" : entity["sub_key"].get<std::string>();
        auto const stage = sub.find('/') != std::string::npos;
        ++kinds[(entity["type"] == "job" ? "job "
                 : stage                 ? "stage "
                                         : "group ") +
                event["event"]["kind"].get<std::string>()];
        if (entity["type"] == "subjob" && !stage) groups.insert(sub);
        if (stage && sub.find("image.make") != std::string::npos)
            image_s += event["event"]["metrics"]["duration_s"].get<double>();
    }
    EXPECT_EQ(keys.size(), events.size());
    EXPECT_EQ(groups.size(), 2U);
    EXPECT_EQ(kinds["job started"], 1);
    EXPECT_EQ(kinds["job finished"], 1);
    EXPECT_EQ(kinds["group started"], 2);
    EXPECT_EQ(kinds["group metric"], 2);
    EXPECT_EQ(kinds["group finished"], 2);
    EXPECT_GE(kinds["stage finished"], 12);
    EXPECT_GT(image_s, 0);
    EXPECT_EQ(exported("--kind finished --run 20").size(), exported("--kind finished").size());
    EXPECT_EQ(exported("--since 2100-01-01").size(), 0U);
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out/spool")) << "all was shipped";
    // The same command again: another run, nothing to do, no group.
    ASSERT_EQ(run().code, 0);
    EXPECT_EQ(exported().size(), events.size() + 2);
}

TEST_F(EventsOfRuns, come_as_cloudevents_one_a_line)
{
    simulate("in");
    ASSERT_EQ(run().code, 0);
    auto const tail = nocturne("events tail -n 3 --db a.sqlite");
    ASSERT_EQ(tail.code, 0) << tail.err;
    std::istringstream lines(tail.out);
    int n = 0;
    for (std::string line; std::getline(lines, line); ++n) {
        auto const event = json::parse(line);
        EXPECT_EQ(event["specversion"], "1.0");
        EXPECT_TRUE(event["data"].contains("idempotency_key"));
    }
    EXPECT_EQ(n, 3);
    EXPECT_EQ(nocturne("events tail --json --plain --db a.sqlite").json().size(), 10U);
    EXPECT_EQ(nocturne("events tail --follow --json --db a.sqlite").code, 64);
    auto const followed =
        shell("timeout -s TERM 2 " + program() + " events tail --follow --interval 0.1 -n 1 --db a.sqlite");
    EXPECT_EQ(json::parse(followed.out)["type"], "nocturne.job.finished");
    auto const lines_of_json = nocturne("events export --ndjson --db a.sqlite");
    EXPECT_EQ(std::count(lines_of_json.out.begin(), lines_of_json.out.end(), '\n'),
              static_cast<long>(exported().size()));
}

TEST_F(EventsOfRuns, a_failure_is_an_error_of_its_group)
{
    simulate("in");
    shell("truncate -s -1000 in/*_sb03.hdf5");
    EXPECT_EQ(run().code, 65);
    auto const errors = exported("--kind error");
    ASSERT_GE(errors.size(), 1U);
    EXPECT_EQ(errors.back()["entity"]["type"], "job");
    EXPECT_EQ(errors.back()["event"]["metadata"]["exit_code"], 65);
}

/// A run that is killed at work leaves nothing open: neither a row nor an entity of the events, whoever finds it.
TEST_F(EventsOfRuns, of_a_killed_run_are_closed_by_whoever_finds_it)
{
    simulate("in");
    auto const open = [&](std::string const& table) {
        return shell("python3 -c \"import sqlite3; print(sqlite3.connect('a.sqlite').execute('SELECT count(*) FROM " +
                     table + " WHERE ended_at IS NULL').fetchone()[0])\"")
            .out;
    };
    for (std::string const finder : {"housekeeping --db a.sqlite", "run in --out out --db a.sqlite --imsize 128"}) {
        auto const killed =
            shell(program() + " run in --out out --db a.sqlite --quiet --imsize 4096 --cell 5 & pid=$!; " +
                  "for i in $(seq 200); do " + program() +
                  " queue show --db a.sqlite 2>/dev/null | grep -q in_progress && break; sleep 0.05; "
                  "done; kill -9 $pid; wait $pid; echo $?");
        ASSERT_EQ(killed.out, "137\n");
        ASSERT_EQ(nocturne(finder).code, 0);
        EXPECT_EQ(open("job") + open("subjob"), "0\n0\n") << finder;
        auto const died = nocturne("runs list --json --status FAILED --db a.sqlite").json()[0]["run_id"];
        auto const of = exported("--run " + died.get<std::string>());
        std::map<std::string, std::string> last;
        for (auto const& event : of) last[event["entity"]["type"]] = event["event"]["kind"];
        EXPECT_EQ(last["job"], "error") << finder << of;
        EXPECT_EQ(last["subjob"], "canceled") << finder << of;
        // What its spool still has comes late, and opens nothing again.
        nocturne("events drain --db a.sqlite --spool out/spool");
        EXPECT_EQ(open("job") + open("subjob"), "0\n0\n") << finder;
    }
}

TEST_F(EventsOfRuns, an_attempt_without_a_database_is_told_later)
{
    simulate("in");
    auto const vain =
        nocturne("run in --out out --db postgresql://nobody@127.0.0.1:9/none" + std::string(test::small_image));
    if (vain.code == 78) GTEST_SKIP() << "this build has no PostgreSQL";
    EXPECT_EQ(vain.code, 69) << vain.err;
    auto const waiting = nocturne("events export --spool out/spool").json();
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_EQ(waiting[1]["event"]["kind"], "error");
    EXPECT_EQ(waiting[1]["event"]["metadata"]["code"], 69);
    ASSERT_EQ(nocturne("db init --db a.sqlite").code, 0);
    auto const drained = nocturne("events drain --json --db a.sqlite --spool out/spool").json();
    EXPECT_EQ(drained["events"], 2);
    EXPECT_EQ(exported(), waiting);
    EXPECT_EQ(nocturne("events drain --db a.sqlite --spool out/spool").code, 66);
    EXPECT_EQ(nocturne("events drain --db a.sqlite").code, 0) << "no run has named a directory yet";
}

TEST_F(EventsOfRuns, metrics_and_timings_are_there_after_each_run)
{
    simulate("in");
    ASSERT_EQ(run("--prom m/nocturne.prom").code, 0);
    auto const first = test::slurp(scratch_ / "m/nocturne.prom");
    EXPECT_NE(first.find("nocturne_run_groups{job=\"continuum\",result=\"done\"} 1\n"), std::string::npos) << first;
    EXPECT_NE(first.find("stage=\"image.make\"} "), std::string::npos) << first;
    ASSERT_EQ(run("--prom m/nocturne.prom").code, 0);
    auto const second = test::slurp(scratch_ / "m/nocturne.prom");
    EXPECT_NE(second.find("nocturne_runs_total{job=\"continuum\",result=\"success\"} 2\n"), std::string::npos)
        << second;
    EXPECT_NE(second.find("nocturne_groups_total{job=\"continuum\",result=\"done\"} 1\n"), std::string::npos) << second;
    EXPECT_NE(second.find("nocturne_run_groups{job=\"continuum\",result=\"skipped\"} 1\n"), std::string::npos)
        << second;
    auto const rows = shell(
        "python3 -c \"import sqlite3; c = sqlite3.connect('a.sqlite'); print(c.execute('SELECT count(*) FROM "
        "performance_metrics WHERE "
        "load_time > 0 AND phase_time > 0 AND write_time > 0 AND total_time >= load_time AND recorded_at > "
        "0').fetchone()[0], "
        "c.execute('SELECT count(*) FROM stage_timings').fetchone()[0] > 5)\"");
    EXPECT_EQ(rows.out, "1 True\n") << rows.err;
}

/// A run of several jobs has the file's name everywhere; each group says which of the jobs it is of.
TEST_F(EventsOfRuns, and_metrics_name_the_run_as_its_row_does)
{
    simulate("in");
    simulate("in", "--start 2026-03-01T06:00:00");
    std::ofstream(scratch_ / "two.yaml") << R"(name: two
args: [incoming, {out: out}]
jobs:
  first:
    foreach: {items: "*T06:00*"}
    tasks: [{task: read}, {task: convert}, {task: flag}, {task: image, args: {imsize: 64, cell: 60}}]
  second:
    needs: first
    foreach: {items: others}
    tasks: [{task: read}, {task: convert}, {task: flag}, {task: image, args: {imsize: 80, cell: 60}}]
)";
    ASSERT_EQ(nocturne("run two.yaml in --prom two.prom --db a.sqlite --quiet").code, 0);
    EXPECT_EQ(nocturne("runs list --json --db a.sqlite").json()[0]["job_name"], "two");
    EXPECT_EQ(test::slurp(scratch_ / "two.prom").find("job=\"two."), std::string::npos);
    std::multiset<std::string> jobs;
    for (auto const& event : exported("--kind started")) jobs.insert(event["event"]["metadata"]["job"]);
    EXPECT_EQ(jobs, (std::multiset<std::string>{"two", "two.first", "two.second"}));
}

TEST_F(EventsOfRuns, a_directory_for_spools_that_cannot_be_is_said_before_the_work)
{
    simulate("in");
    shell("touch file");
    auto const refused = run("--spool file/spool");
    EXPECT_EQ(refused.code, 73) << refused.err;
    EXPECT_NE(refused.err.find("--spool"), std::string::npos) << refused.err;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their library must come before what is preloaded
    auto const unlocked = shell("NOCTURNE_FAULT_FLOCK=37 LD_PRELOAD=" NOCTURNE_FAULTS " " + program() +
                                " run in --out out --db a.sqlite --quiet" + test::small_image);
    EXPECT_EQ(unlocked.code, 73) << unlocked.err;
    EXPECT_NE(unlocked.err.find("does not lock files"), std::string::npos) << unlocked.err;
    EXPECT_EQ(unlocked.err.find("free space"), std::string::npos) << unlocked.err;
#endif
}

TEST_F(EventsOfRuns, leave_a_directory_for_spools_that_a_user_made)
{
    simulate("in");
    shell("mkdir mine");
    ASSERT_EQ(run("--spool mine").code, 0);
    EXPECT_TRUE(std::filesystem::is_directory(scratch_ / "mine"));
    EXPECT_EQ(shell("ls -A mine").out, "");
    ASSERT_EQ(run("--spool made").code, 0);
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "made"));
}

}  // namespace
}  // namespace nocturne
