// Runs that wait in a cluster's queue: found by their job, taken back, and what an earlier start of the same job held.
#include "db/submitted_runs.hpp"

#include "db/query.hpp"
#include "scratch.hpp"

namespace nocturne::db::test {
namespace {

struct Row {
    std::string status, job;
    int restarts = 0;
};

Row row_of(Session& session, std::string const& run_id)
{
    Query query(session, "SELECT status, hpc_job_id, restart_count FROM runs WHERE run_id = :id");
    query.bind(run_id);
    auto &status = query.text(), &job = query.text();
    auto& restarts = query.integer();
    if (!query.fetch()) return {};
    return {status.get(), job.get(), static_cast<int>(restarts.get())};
}

RunStart about(std::string const& run_id, std::string const& job = "", int restarts = 0)
{
    RunStart run;
    run.run_id = run_id;
    run.code_version = "test";
    run.hpc_job_id = job;
    run.restart_count = restarts;
    return run;
}

class SubmittedRuns : public ::testing::Test {
protected:
    Scratch scratch;
    Session session = Session::open(scratch / "a.sqlite");
};

TEST_F(SubmittedRuns, are_announced_submitted_and_begun)
{
    announce_runs(session, {"a-0", "a-1"}, about(""));
    EXPECT_EQ(row_of(session, "a-0").status, "PENDING");
    mark_submitted(session, {"a-0", "a-1"}, {"7_0", "7_1"});
    EXPECT_EQ(row_of(session, "a-1").status, "SUBMITTED");
    EXPECT_EQ(row_of(session, "a-1").job, "7_1");
    EXPECT_TRUE(begin_announced(session, about("a-1", "7_1")));
    EXPECT_EQ(row_of(session, "a-1").status, "RUNNING");
    EXPECT_EQ(hpc_job_of(session, "a-1"), "7_1");
    EXPECT_TRUE(begin_announced(session, about("a-1", "7_1")));  // the same process: an answer was lost
    Query(session, "UPDATE runs SET owner = 'elsewhere:1:1'").run();
    EXPECT_FALSE(begin_announced(session, about("a-1", "7_1", 1)));  // a restart has a row of its own
    EXPECT_FALSE(begin_announced(session, about("nobody")));
}

TEST_F(SubmittedRuns, a_job_may_start_before_its_number_is_recorded)
{
    announce_runs(session, {"a"}, about(""));
    EXPECT_TRUE(begin_announced(session, about("a", "7")));
    mark_submitted(session, {"a"}, {"7"});
    EXPECT_EQ(row_of(session, "a").status, "RUNNING");
}

TEST_F(SubmittedRuns, what_was_refused_is_cancelled)
{
    announce_runs(session, {"a", "b"}, about(""));
    EXPECT_TRUE(begin_announced(session, about("b", "8")));
    cancel_announced(session, {"a", "b"}, "sbatch refused");
    EXPECT_EQ(row_of(session, "a").status, "CANCELLED");
    EXPECT_EQ(row_of(session, "b").status, "RUNNING");
}

TEST_F(SubmittedRuns, a_job_that_is_back_gets_its_groups_back_and_no_others)
{
    store_scan(session, {file_row("/a", "g1", 0), file_row("/b", "g2", 0)},
               {group_of({file_row("/a", "g1", 0)}, 1), group_of({file_row("/b", "g2", 0)}, 1)});
    auto const ours = start_run(session, about("", "7_3"));
    auto const theirs = start_run(session, about("", "7_4"));
    auto const zombie = claim_group(session, "g1", {ours, "gone:1:1"});
    auto const other = claim_group(session, "g2", {theirs, "gone:2:2"});
    ASSERT_TRUE(zombie && other);
    EXPECT_TRUE(recover_earlier(session, "7_3", 0).empty());  // no restart, nothing earlier
    EXPECT_TRUE(recover_earlier(session, "", 1).empty());     // not under Slurm
    EXPECT_EQ(recover_earlier(session, "7_3", 1), std::vector<std::string>{"g1"});
    EXPECT_EQ(row_of(session, ours).status, "FAILED");
    EXPECT_EQ(row_of(session, theirs).status, "RUNNING");
    EXPECT_FALSE(renew_claim(session, *zombie, "imaging"));
    EXPECT_TRUE(renew_claim(session, *other, "imaging"));
}

}  // namespace
}  // namespace nocturne::db::test
