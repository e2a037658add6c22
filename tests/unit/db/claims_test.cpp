// Who works on what: none twice, a zombie is refused, the dead are found.
#include "db/groups.hpp"

#include "db/query.hpp"
#include "db/recovery.hpp"
#include "db/runs.hpp"
#include "nocturne/process_life.hpp"
#include "nocturne/process_place.hpp"
#include "scratch.hpp"
#include "tests/support/unreaped.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nocturne::db::test {
namespace {

std::string start(Session& session)
{
    RunStart run;
    run.code_version = "test";
    return start_run(session, run);
}

std::string status_of_run(Session& session, std::string const& run_id)
{
    Query query(session, "SELECT status FROM runs WHERE run_id = :id");
    query.bind(run_id);
    auto& status = query.text();
    return query.fetch() ? status.get() : "";
}

TEST(Claims, legal_moves_are_these)
{
    using enum QueueState;
    int moves = 0;
    for (auto from : {collecting, pending, in_progress, completed, failed})
        for (auto to : {collecting, pending, in_progress, completed, failed}) {
            moves += legal(from, to);
            EXPECT_FALSE(from == to && legal(from, to));
            EXPECT_TRUE(to != in_progress || legal(from, to) == (from == pending));
            EXPECT_TRUE(to != completed || legal(from, to) == (from == in_progress));
        }
    EXPECT_EQ(moves, 13);
}

TEST(Claims, sixteen_threads_take_each_group_once)
{
    Scratch const scratch;
    auto const path = scratch.database("a");
    auto session = Session::open(path);
    for (int i = 0; i < 100; ++i) put_group(session, "g" + std::to_string(1000 + i));
    auto const run_id = start(session);
    std::mutex mutex;
    std::vector<std::string> taken;
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&] {
            auto own = Session::open(path);
            while (auto const claim = claim_next(own, {run_id, lease_owner(), 3600, ClaimFrom::pending})) {
                std::lock_guard const lock(mutex);
                taken.push_back(claim->group_id);
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(taken.size(), 100u);
    EXPECT_EQ(std::set<std::string>(taken.begin(), taken.end()).size(), 100u);
}

TEST(Claims, sixteen_processes_race_for_one_group)
{
    Scratch const scratch;
    auto const path = scratch.database("a");
    auto session = Session::open(path);
    auto const run_id = start(session);
    for (int round = 0; round < 10; ++round) {
        auto const group = "g" + std::to_string(round);
        put_group(session, group);
        std::vector<pid_t> children;
        for (int i = 0; i < 16; ++i) {
            pid_t const child = fork();
            if (child == 0) {
                auto own = Session::open(path);
                _exit(claim_group(own, group, {run_id, lease_owner()}) ? 7 : 0);
            }
            children.push_back(child);
        }
        int winners = 0;
        for (pid_t const child : children) {
            int status = 0;
            waitpid(child, &status, 0);
            ASSERT_TRUE(WIFEXITED(status));
            winners += WEXITSTATUS(status) == 7;
        }
        EXPECT_EQ(winners, 1);
    }
}

TEST(Claims, oldest_group_comes_first)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    for (char const* id : {"2026-03-02T00:00:00", "2026-03-01T05:00:00", "2026-03-01T06:00:00"}) put_group(session, id);
    EXPECT_EQ(claim_next(session, {run_id, lease_owner()})->group_id, "2026-03-01T05:00:00");
    EXPECT_EQ(claim_next(session, {run_id, lease_owner()})->group_id, "2026-03-01T06:00:00");
}

TEST(Claims, failure_is_recorded_and_counted)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    put_group(session, "g");
    auto const claim = claim_group(session, "g", {run_id, lease_owner()});
    ASSERT_TRUE(claim);
    EXPECT_TRUE(fail_group(session, *claim, {65, "convert", "file x: NaN"}));
    auto row = find_group(session, "g");
    EXPECT_EQ(row->state, QueueState::failed);
    EXPECT_EQ(row->retry_count, 1);
    EXPECT_EQ(row->error, "file x: NaN");
    EXPECT_EQ(row->error_stage, "convert");
    EXPECT_EQ(row->error_code, 65);
    EXPECT_FALSE(fail_group(session, *claim, {65, "", "again"}));
    EXPECT_FALSE(claim_group(session, "g", {run_id, lease_owner()}));
    EXPECT_TRUE(claim_group(session, "g", {run_id, lease_owner(), 3600, ClaimFrom::any_finished}));
}

TEST(Claims, whoever_finished_since_one_looked_is_not_overtaken)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    put_group(session, "g");
    auto const seen = free_fence(session, "g");
    ASSERT_TRUE(seen);
    auto const other = claim_group(session, "g", {run_id, lease_owner()});
    ASSERT_TRUE(other);
    EXPECT_FALSE(free_fence(session, "g"));
    EXPECT_TRUE(fail_group(session, *other, {65, "", "it ended"}));
    EXPECT_FALSE(claim_group(session, "g", {run_id, lease_owner(), 3600, ClaimFrom::any_finished, seen}));
    EXPECT_TRUE(
        claim_group(session, "g", {run_id, lease_owner(), 3600, ClaimFrom::any_finished, free_fence(session, "g")}));
}

TEST(Claims, an_older_claim_is_refused)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    put_group(session, "g");
    auto const zombie = claim_group(session, "g", {run_id, "another-host:1:2", -1});
    ASSERT_TRUE(zombie);
    EXPECT_EQ(recover_abandoned(session), std::vector<std::string>{"g"});
    auto const second = claim_group(session, "g", {run_id, lease_owner()});
    ASSERT_TRUE(second);
    EXPECT_GT(second->fence, zombie->fence);
    EXPECT_FALSE(renew_claim(session, *zombie, "imaging"));
    EXPECT_FALSE(release_claim(session, *zombie, "stopped"));
    EXPECT_FALSE(fail_group(session, *zombie, {1, "", "late"}));
    GroupResult late;
    late.claim = *zombie;
    EXPECT_EQ(code_of([&] { record_group_result(session, late); }), Code::transient);
    EXPECT_TRUE(renew_claim(session, *second, "imaging"));
    EXPECT_EQ(find_group(session, "g")->stage, "imaging");
    EXPECT_TRUE(release_claim(session, *second, "stopped"));
    EXPECT_EQ(find_group(session, "g")->state, QueueState::pending);
}

TEST(Claims, groups_of_a_killed_process_are_found)
{
    Scratch const scratch;
    auto const path = scratch.database("a");
    auto session = Session::open(path);
    auto const run_id = start(session);
    put_group(session, "theirs");
    put_group(session, "ours");
    ASSERT_TRUE(claim_group(session, "ours", {run_id, lease_owner()}));
    pid_t const child = fork();
    if (child == 0) {
        auto own = Session::open(path);
        if (claim_group(own, "theirs", {run_id, lease_owner()})) kill(getpid(), SIGKILL);
        _exit(1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(recover_abandoned(session), std::vector<std::string>{"theirs"});
    auto const row = find_group(session, "theirs");
    EXPECT_EQ(row->state, QueueState::pending);
    EXPECT_EQ(row->retry_count, 0);
    EXPECT_FALSE(row->error.empty());
    EXPECT_EQ(find_group(session, "ours")->state, QueueState::in_progress);
    EXPECT_EQ(status_of_run(session, run_id), "RUNNING");  // a rank of it lives and works on ours
}

TEST(Claims, a_run_found_dead_is_failed)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    put_group(session, "g");
    ASSERT_TRUE(claim_group(session, "g", {run_id, "another-host:1:2", -1}));
    recover_abandoned(session);
    EXPECT_EQ(status_of_run(session, run_id), "FAILED");
}

TEST(Claims, a_living_process_of_this_host_keeps_its_group_whatever_its_lease)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    put_group(session, "g");
    ASSERT_TRUE(claim_group(session, "g", {run_id, lease_owner(), -1}));
    EXPECT_TRUE(recover_abandoned(session).empty());
    auto const holder = holder_of(session, "g");
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->run_id, run_id);
    EXPECT_EQ(holder->process.find("process " + std::to_string(getpid()) + " on "), 0u) << holder->process;
    EXPECT_FALSE(holder_of(session, "none"));
}

TEST(Claims, a_run_killed_before_its_first_group_is_failed)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    pid_t const child = fork();
    if (child == 0) {
        auto own = Session::open(scratch.database("a"));
        RunStart run;
        run.run_id = "killed";
        run.code_version = "test";
        start_run(own, run);
        kill(getpid(), SIGKILL);
    }
    waitpid(child, nullptr, 0);
    auto const alive = start(session);
    recover_abandoned(session);
    EXPECT_EQ(status_of_run(session, "killed"), "FAILED");
    EXPECT_EQ(status_of_run(session, alive), "RUNNING");
}

TEST(Claims, owners)
{
    EXPECT_TRUE(owner_alive(lease_owner()));
    EXPECT_TRUE(owner_alive("another-host:1:2"));
    auto own = lease_owner();
    EXPECT_FALSE(owner_alive(own + "1"));  // the pid lives, but began at another time
    EXPECT_TRUE(owner_alive("nonsense"));
}

TEST(Claims, of_a_killed_process_that_nobody_waited_for_are_given_back)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    put_group(session, "g");
    nocturne::test::Unreaped const ended;
    auto const owner = process_place() + ":" + std::to_string(ended.pid()) + ":" + process_life(ended.pid()).start;
    ASSERT_TRUE(claim_group(session, "g", {run_id, owner}));
    EXPECT_FALSE(owner_alive(owner));
    EXPECT_EQ(recover_abandoned(session), std::vector<std::string>{"g"});
}

}  // namespace
}  // namespace nocturne::db::test
