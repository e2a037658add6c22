// What people do to the queue, and what the database itself allows.
#include "db/queue.hpp"

#include "db/run_records.hpp"
#include "db/submitted_runs.hpp"
#include "scratch.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne::db::test {
namespace {

std::string start(Session& session, std::string const& job = "")
{
    RunStart run;
    run.code_version = "test";
    run.hpc_job_id = job;
    return start_run(session, run);
}

struct Failed {
    Scratch scratch;
    Session session = Session::open(scratch.database("a"));
    std::string run_id = start(session);
    Failed()
    {
        put_group(session, "g");
        fail_group(session, claim_group(session, "g", {run_id, lease_owner()}).value(), {65, "convert", "bad"});
    }
    QueueState state() { return find_group(session, "g")->state; }
};

TEST(Queue, the_database_allows_the_legal_moves_and_no_other)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const trials = try_all_moves(session);
    EXPECT_EQ(trials.size(), 20u);
    for (auto const& trial : trials)
        EXPECT_EQ(trial.allowed, legal(trial.from, trial.to)) << name(trial.from) << " -> " << name(trial.to);
    EXPECT_TRUE(list_groups(session).empty());
}

TEST(Queue, moves_are_remembered)
{
    Failed made;
    std::string moves;
    for (auto const& change : history_of(made.session, "group", "g")) moves += change.status + " ";
    EXPECT_EQ(moves, "in_progress failed ");
    EXPECT_EQ(history_of(made.session, "group", "g").back().detail, "bad");
    finish_run(made.session, made.run_id, {RunStatus::failed, 65, 0, 0, "bad"});
    moves.clear();
    for (auto const& change : history_of(made.session, "run", made.run_id)) moves += change.status + " ";
    EXPECT_EQ(moves, "RUNNING FAILED ");
}

TEST(Queue, failed_groups_are_retried_and_others_not)
{
    Failed made;
    retry_group(made.session, "g", Force::no);
    EXPECT_EQ(made.state(), QueueState::pending);
    EXPECT_EQ(find_group(made.session, "g")->retry_count, 1);
    EXPECT_TRUE(find_group(made.session, "g")->error.empty());
    EXPECT_EQ(code_of([&] { retry_group(made.session, "g", Force::no); }), Code::bad_input);
    std::string text;
    EXPECT_EQ(code_of([&] { retry_group(made.session, "h", Force::no); }, &text), Code::input_missing);
    EXPECT_NE(text.find("did you mean 'g'"), std::string::npos) << text;
}

TEST(Queue, a_group_taken_by_force_is_lost_to_its_holder)
{
    Failed made;
    retry_group(made.session, "g", Force::no);
    auto const claim = claim_group(made.session, "g", {made.run_id, lease_owner()});
    ASSERT_TRUE(claim);
    retry_group(made.session, "g", Force::yes);
    EXPECT_FALSE(renew_claim(made.session, *claim, "imaging"));
    EXPECT_FALSE(fail_group(made.session, *claim, {1, "", "late"}));
    EXPECT_EQ(made.state(), QueueState::pending);
}

TEST(Queue, settled_groups_are_left_alone_until_they_are_retried)
{
    Failed made;
    resolve_group(made.session, "g", "the correlator was off");
    EXPECT_EQ(find_group(made.session, "g")->error, "the correlator was off");
    EXPECT_FALSE(claim_group(made.session, "g", {made.run_id, lease_owner(), 3600, ClaimFrom::any_finished}));
    retry_group(made.session, "g", Force::no);
    EXPECT_TRUE(claim_group(made.session, "g", {made.run_id, lease_owner()}));
}

/// A group whose result went through flag, export and image, and kept a set.
struct Finished {
    Scratch scratch;
    Session session = Session::open(scratch.database("a"));
    GroupResult result;
    Finished()
    {
        put_group(session, "g");
        result.claim = claim_group(session, "g", {start(session), lease_owner()}).value();
        result.key = {files_of(session, "g"), "hash", "version"};
        result.checkpoints = {
            {"f", "flag", "k0", "", ""}, {"e", "export", "k1", "measurement_set", ""}, {"i", "image", "k2", "", ""}};
        result.products = {{"/out/g.ms", "SCIENCE", "measurement_set", 10, "ab", "", ""},
                           {"/out/g-dirty.fits", "SCIENCE", "dirty", 10, "cd", "", ""}};
        record_group_result(session, result);
    }
    std::size_t kept() { return kept_products(session, "g", result.checkpoints[1]).size(); }
    bool done() { return !done_already(session, "g", result.key).empty(); }
};

TEST(Queue, a_group_to_be_reprocessed_is_not_taken_for_done)
{
    Finished made;
    EXPECT_TRUE(made.done());
    reprocess_group(made.session, "g", "");
    EXPECT_FALSE(made.done());
    EXPECT_EQ(made.kept(), 0u);
    EXPECT_EQ(find_group(made.session, "g")->state, QueueState::pending);
    EXPECT_EQ(find_group(made.session, "g")->retry_count, 1);
    EXPECT_EQ(code_of([&] { reprocess_group(made.session, "g", ""); }), Code::bad_input);
}

TEST(Queue, reprocessing_from_a_stage_leaves_what_earlier_ones_keep)
{
    Finished made;
    EXPECT_EQ(made.kept(), 1u);
    reprocess_group(made.session, "g", "image");
    EXPECT_FALSE(made.done());
    EXPECT_EQ(made.kept(), 1u);
    Finished other;
    reprocess_group(other.session, "g", "flag");
    EXPECT_FALSE(other.done());
    EXPECT_EQ(other.kept(), 0u);
}

TEST(Queue, reprocessing_from_a_stage_that_a_group_has_not_is_refused)
{
    Finished made;
    std::string text;
    EXPECT_EQ(code_of([&] { reprocess_group(made.session, "g", "solve"); }, &text), Code::bad_input);
    EXPECT_NE(text.find("flag, export, image"), std::string::npos) << text;
    EXPECT_TRUE(made.done());
    EXPECT_EQ(find_group(made.session, "g")->state, QueueState::completed);
}

TEST(Queue, a_result_has_the_products_that_it_took_over)
{
    Finished made;
    auto again = made.result;
    reprocess_group(made.session, "g", "image");
    again.claim = claim_group(made.session, "g", {start(made.session), lease_owner()}).value();
    again.products.erase(again.products.begin());
    again.checkpoints[1].made_by = made.result.claim.run_id;
    record_group_result(made.session, again);
    auto const results = done_already(made.session, "g", again.key);
    ASSERT_EQ(results.size(), 1u);
    ASSERT_EQ(results[0].size(), 2u);
    EXPECT_EQ(results[0][1].path, "/out/g.ms");
}

TEST(Queue, a_group_that_fails_too_often_is_given_up)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    put_group(session, "g");
    auto const fail = [&](std::string const& key) {
        auto const claim = claim_group(session, "g", {start(session), lease_owner(), 3600, ClaimFrom::any_finished});
        ASSERT_TRUE(claim);
        ASSERT_TRUE(fail_group(session, *claim, {74, "convert", "bad disk", key, 2}));
    };
    fail("a");
    EXPECT_FALSE(given_up(*find_group(session, "g")));
    fail("b");
    EXPECT_FALSE(given_up(*find_group(session, "g"))) << "another configuration";
    fail("b");
    auto const row = *find_group(session, "g");
    EXPECT_TRUE(given_up(row));
    EXPECT_EQ(row.stage, "error");
    EXPECT_EQ(row.failed_key, "b");
    EXPECT_EQ(row.failures, 2);
    EXPECT_EQ(row.retry_count, 3);
    EXPECT_EQ(row.error_code, 74);
    retry_group(session, "g", Force::no);
    EXPECT_EQ(find_group(session, "g")->failures, 0);
    fail("b");
    EXPECT_FALSE(given_up(*find_group(session, "g"))) << "counted anew";
    fail("b");
    resolve_group(session, "g", "a dish is down");
    EXPECT_FALSE(given_up(*find_group(session, "g"))) << "a person has settled it";
    EXPECT_FALSE(claim_group(session, "g", {start(session), lease_owner(), 3600, ClaimFrom::any_finished}));
}

TEST(Queue, facts_of_many_groups_are_those_of_each)
{
    Finished made;
    std::vector<std::string> ids{"g", "unknown"};
    for (int i = 0; i < 1100; ++i) put_group(made.session, ids.emplace_back("h" + std::to_string(i)), 1 + i % 3);
    auto const facts = facts_of(made.session, ids);
    EXPECT_EQ(facts.size(), ids.size() - 1);
    EXPECT_TRUE(facts.at("g").has_results);
    for (std::string const id : {"g", "h0", "h499", "h1099"}) {
        EXPECT_EQ(facts.at(id).row.group_id, id);
        EXPECT_EQ(facts.at(id).row.start_mjd, find_group(made.session, id)->start_mjd);
        auto const files = files_of(made.session, id);
        ASSERT_EQ(facts.at(id).files.size(), files.size());
        for (std::size_t i = 0; i < files.size(); ++i) EXPECT_EQ(facts.at(id).files[i].path, files[i].path);
    }
    EXPECT_FALSE(facts.at("h1099").has_results);
}

TEST(Queue, a_batch_is_the_oldest_groups_each_once)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    for (int i = 0; i < 7; ++i) put_group(session, "g" + std::to_string(i));
    auto const first = claim_batch(session, {run_id, lease_owner()}, 3);
    ASSERT_EQ(first.size(), 3u);
    EXPECT_EQ(first[0].group_id + first[1].group_id + first[2].group_id, "g0g1g2");
    EXPECT_EQ(claim_batch(session, {run_id, lease_owner()}, 100).size(), 4u);
    EXPECT_TRUE(claim_batch(session, {run_id, lease_owner()}, 100).empty());
    EXPECT_EQ(groups_of_run(session, run_id).size(), 7u);
}

TEST(Queue, a_long_list_is_asked_for_at_once)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    std::vector<FileRow> files;
    std::vector<ScannedGroup> groups;
    for (int i = 0; i < 3000; ++i) {
        auto const id = "g" + std::to_string(10000 + i);
        files.push_back(file_row("/data/" + id + "_sb0", id, 0));
        groups.push_back(group_of({files.back()}, 2));
    }
    store_scan(session, files, groups);
    auto const best_s = [](auto const& question) {
        double best = INFINITY;
        for (int i = 0; i < 5; ++i) {
            double const since = now_unix_s();
            question();
            best = std::min(best, now_unix_s() - since);
        }
        return best;
    };
    std::vector<QueueRow> queue;
    std::vector<GroupRow> plain;
    auto const plain_s = best_s([&] { plain = list_groups(session); });
    auto const queue_s = best_s([&] { queue = list_queue(session); });
    ASSERT_EQ(queue.size(), 3000u);
    for (std::size_t i = 0; i < queue.size(); i += 500) {
        auto const &row = queue[i].group, &same = plain[i];
        EXPECT_EQ(row.group_id, same.group_id);
        EXPECT_EQ(row.state, same.state);
        EXPECT_EQ(row.missing, same.missing);
        EXPECT_EQ(row.received_s, same.received_s);
    }
    EXPECT_LT(queue_s, 3 * plain_s) << "a question for each group";
}

TEST(Housekeeping, silent_groups_wait_again_and_incomplete_ones_fail)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    for (auto const* id : {"alive", "silent", "fresh"}) put_group(session, id);
    auto const lone = file_row("/x_sb0", "collects", 0);
    store_scan(session, {lone}, {group_of({lone}, 2)});
    ASSERT_TRUE(claim_group(session, "alive", {run_id, lease_owner()}));
    ASSERT_TRUE(claim_group(session, "silent", {run_id, hand_owner("x")}));
    ASSERT_TRUE(claim_group(session, "fresh", {run_id, hand_owner("x")}));
    make_silent(session, "alive", 4000);
    make_silent(session, "silent", 4000);
    auto const report = keep_house(session, {3600, -1, {}});
    EXPECT_EQ(report.stale, std::vector<std::string>{"silent"});
    EXPECT_EQ(report.expired, std::vector<std::string>{"collects"});
    EXPECT_TRUE(report.abandoned.empty());
    EXPECT_EQ(find_group(session, "silent")->state, QueueState::pending);
    EXPECT_EQ(find_group(session, "silent")->retry_count, 1);
    EXPECT_EQ(find_group(session, "silent")->error, "Recovered by housekeeping");
    EXPECT_EQ(find_group(session, "collects")->error, "Collecting timeout");
    EXPECT_EQ(find_group(session, "alive")->state, QueueState::in_progress);
}

TEST(Housekeeping, what_collects_anew_has_its_time_and_what_a_person_wants_again_waits)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session);
    for (auto const* id : {"again", "fewer"}) {
        put_group(session, id);
        GroupResult result;
        result.claim = claim_group(session, id, {run_id, lease_owner()}).value();
        record_group_result(session, result);
        reprocess_group(session, id, "");
        Query(session,
              "UPDATE ingest_queue SET received_at = received_at - 300000, state = 'collecting', n_subbands = :n WHERE "
              "group_id = :id")
            .bind(id == std::string("again") ? 0 : 1)
            .bind(id)
            .run();
    }
    EXPECT_TRUE(keep_house(session, {3600, 86400, {}}).expired.empty());
    EXPECT_TRUE(awaits_files(*find_group(session, "again")));
    for (auto const* id : {"again", "fewer"}) make_silent(session, id, 90000);
    EXPECT_EQ(keep_house(session, {3600, 86400, {}}).expired, std::vector<std::string>{"fewer"});
    EXPECT_TRUE(awaits_files(*find_group(session, "again")));
    resolve_group(session, "again", "");
    EXPECT_EQ(find_group(session, "again")->state, QueueState::failed);
}

TEST(Housekeeping, groups_of_a_job_that_slurm_forgot_go_back_before_their_lease_ends)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const gone = start(session, "7_1"), there = start(session, "8");
    put_group(session, "a");
    put_group(session, "b");
    ASSERT_TRUE(claim_group(session, "a", {gone, "node1:1:2"}));
    ASSERT_TRUE(claim_group(session, "b", {there, "node2:1:2"}));
    auto const here = start(session, "9");
    put_group(session, "c");
    ASSERT_TRUE(claim_group(session, "c", {here, lease_owner()}));
    Query(session, "UPDATE runs SET owner = 'node1:1:2' WHERE hpc_job_id <> '9'").run();
    EXPECT_EQ(jobs_at_work(session), (std::vector<std::string>{"7_1", "8", "9"}));
    auto const living = keep_house(session, {3600, 86400, {"9"}});
    EXPECT_TRUE(living.stale.empty() && living.closed.empty())
        << "its process is here and lives, whatever squeue shows";
    auto const beating = keep_house(session, {3600, 86400, {"7_1"}});
    EXPECT_TRUE(beating.stale.empty() && beating.closed.empty()) << "of another cluster, perhaps: it renews its claim";
    make_silent(session, "a", 400);
    Query(session, "UPDATE ingest_queue SET lease_expires = lease_expires + 9999 WHERE group_id = 'a'").run();
    auto const report = keep_house(session, {3600, 86400, {"7_1"}});
    EXPECT_EQ(report.stale, std::vector<std::string>{"a"});
    EXPECT_EQ(report.closed, std::vector<std::string>{gone});
    EXPECT_EQ(find_run(session, gone).status, "FAILED");
    EXPECT_EQ(find_run(session, there).status, "RUNNING");
    EXPECT_EQ(find_group(session, "b")->state, QueueState::in_progress);
}

TEST(Housekeeping, runs_whose_job_never_began_are_closed)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    RunStart about;
    about.code_version = "test";
    announce_runs(session, {"r"}, about);
    mark_submitted(session, {"r"}, {"11"});
    EXPECT_EQ(jobs_at_work(session), std::vector<std::string>{"11"});
    EXPECT_EQ(keep_house(session, {3600, 86400, {"11"}}).closed, std::vector<std::string>{"r"});
    EXPECT_EQ(find_run(session, "r").status, "CANCELLED");
}

/// A run that misses files which were reaped after it saw them leaves the group as it was.
TEST(Housekeeping, a_group_whose_files_were_reaped_meanwhile_stays_completed)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = start(session), later = start(session);
    put_group(session, "g");
    GroupResult result;
    result.claim = claim_group(session, "g", {run_id, lease_owner()}).value();
    record_group_result(session, result);
    ClaimArgs args{later, lease_owner()};
    args.from = ClaimFrom::any_finished;
    Failure const gone{exit_code(Code::input_missing), "open", "no file"};
    ASSERT_TRUE(fail_group(session, claim_group(session, "g", args).value(), gone));
    EXPECT_EQ(find_group(session, "g")->state, QueueState::failed) << "nobody reaped it";
    Query(session,
          "INSERT INTO deletion_log (path, group_id, bytes, xxh128, copies, verified_at, deleted_at) VALUES ('/x', "
          "'g', 1, 'h', '[]', 1, 2)")
        .run();
    ASSERT_TRUE(fail_group(session, claim_group(session, "g", args).value(), gone));
    EXPECT_EQ(find_group(session, "g")->state, QueueState::completed);
    EXPECT_EQ(groups_of_run(session, later).front().status, "FAILED");
}

TEST(RunRecords, are_found_by_the_beginning_of_their_id)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    for (char const* id : {"2026-a", "2026-b", "2027"}) {
        RunStart run;
        run.run_id = id;
        run.code_version = "test";
        start_run(session, run);
    }
    EXPECT_EQ(find_run(session, "2027").run_id, "2027");
    EXPECT_EQ(find_run(session, "2026-b").run_id, "2026-b");
    EXPECT_EQ(code_of([&] { find_run(session, "2026"); }), Code::input_missing);
    EXPECT_EQ(code_of([&] { find_run(session, "x"); }), Code::input_missing);
    EXPECT_EQ(list_runs(session, {"", "RUNNING", std::nullopt, 2}).size(), 2u);
    EXPECT_EQ(code_of([&] { list_runs(session, {"", "RUNING", std::nullopt, -1}); }), Code::usage);
}

}  // namespace
}  // namespace nocturne::db::test
