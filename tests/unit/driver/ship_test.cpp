// Spools into databases: each entry once, whatever was killed; what came too late is refused.
#include "driver/ship.hpp"

#include "db/queue.hpp"
#include "db/recovery.hpp"
#include "io/product_paths.hpp"
#include "spooled_night.hpp"

#include <signal.h>
#include <sys/wait.h>

namespace nocturne {
namespace {

class Ship : public test::SpooledNight {
protected:
    /// A run of five groups: three results, one failure, one given back, its end; and events in between.
    std::vector<std::string> night()
    {
        auto session = open();
        put_groups(session, 5);
        run_ = start(session);
        EventMaker events(run_);
        std::vector<std::string> lines{to_line(events.make({}, "started", {}, {}))};
        for (int i = 0; i < 5; ++i) {
            auto const held = claim(session, run_, i);
            auto const began = events.make(subject_of(held), "started", {}, {});
            auto const ended = events.make(subject_of(held), i == 3 ? "error" : "canceled", {}, {});
            lines.push_back(to_line(began));
            if (i < 3) lines.push_back(to_line(result_of(held)));
            if (i == 3) lines.push_back(to_line(FailedGroup{held, {65, "flag", "bad"}, {ended}}));
            if (i == 4) lines.push_back(to_line(ReleasedGroup{held, "a signal", {ended}}));
        }
        lines.push_back(to_line(EndedRun{run_, {db::RunStatus::failed, 75, 0.5, 2, "why", 1.7e9}}));
        lines.push_back(to_line(events.make({}, "error", {12, 3, 4, 5}, {})));
        return lines;
    }
    void put_spool(std::vector<std::string> const& lines) const
    {
        Spool::create(spools() + "/a.spool", "{}").append(lines);
    }

    static void expect_whole(db::Session& session)
    {
        EXPECT_EQ(count(session, "ingest_queue WHERE state = 'completed'"), 3);
        EXPECT_EQ(count(session, "ingest_queue WHERE state = 'failed' AND error_code = 65 AND retry_count = 1"), 1);
        EXPECT_EQ(count(session, "ingest_queue WHERE state = 'pending'"), 1);
        EXPECT_EQ(count(session, "data_products"), 3);
        EXPECT_EQ(count(session, "images WHERE noise_jy = 0.00125 AND robust IS NULL"), 3);
        EXPECT_EQ(count(session, "candidates WHERE snr > 9.99 AND abs(ra_deg - 10.25) < 1e-12"), 3);
        EXPECT_EQ(count(session, "stage_timings"), 6);
        EXPECT_EQ(count(session, "performance_metrics WHERE total_time = 4"), 3);
        EXPECT_EQ(count(session, "runs WHERE exit_code = 75 AND finished_at = 1.7e9"), 1);
        EXPECT_EQ(count(session, "group_runs WHERE status = 'COMPLETED' AND finished_at = 1.7e9"), 3);
        EXPECT_EQ(count(session, "status_history WHERE status = 'completed'"), 3);
        EXPECT_EQ(count(session, "event"), 1 + 5 + 3 * 2 + 2 + 1);
        EXPECT_EQ(count(session, "event WHERE kind = 'finished'"), 6);
        EXPECT_EQ(count(session, "job WHERE status = 'failed' AND duration_s = 12 AND mem_max_mb = 5"), 1);
        EXPECT_EQ(count(session, "subjob WHERE status = 'completed'"), 6) << "three groups, and a stage of each";
    }

    enum class Other { works, is_done };
    /// A claim was given back and the group claimed by another run before the first one ships.
    void let_a_zombie_ship(Other other)
    {
        auto session = open();
        put_groups(session, 1);
        auto const first = start(session), second = start(session);
        auto const zombie = db::claim_group(session, "g0", {first, "gone:1:2", -1}).value();
        put_spool({to_line(result_of(zombie))});
        db::recover_abandoned(session);
        living_ = claim(session, second, 0);
        if (other == Other::is_done) db::record_group_result(session, result_of(living_));
        auto const drained = drain_spools(session, spools());
        EXPECT_EQ(drained.refused, 1);
        EXPECT_EQ(drained.moves, 0);
        ASSERT_EQ(drained.remarks.size(), 1u);
        EXPECT_NE(drained.remarks[0].find("g0"), std::string::npos);
        EXPECT_EQ(count(session, "data_products WHERE run_id = '" + first + "'"), 0);
        EXPECT_EQ(count(session, "event WHERE kind = 'error'"), 1) << "the refusal is an event";
    }

    std::string run_;
    db::Claim living_;
};

TEST_F(Ship, brings_all_that_was_kept_once)
{
    auto const lines = night();
    put_spool(lines);
    auto session = open();
    auto const drained = drain_spools(session, spools());
    EXPECT_EQ(drained.spools, 1);
    EXPECT_EQ(drained.moves, 6);
    EXPECT_EQ(drained.events, 9) << "beside those that came with results";
    EXPECT_EQ(drained.refused + drained.kept + drained.busy, 0);
    EXPECT_FALSE(std::filesystem::exists(spools()));
    EXPECT_EQ(count(session, "event"), 15);
    for (int again = 0; again < 2; ++again) {
        Shipped twice;
        ship(session, lines, twice);
        EXPECT_EQ(twice.events + twice.refused, 0);
    }
    EXPECT_EQ(count(session, "event"), 15);
    EXPECT_EQ(count(session, "status_history WHERE status IN ('completed', 'failed')"), 4);
}

TEST_F(Ship, killed_before_any_transaction_it_goes_on_without_doing_anything_twice)
{
    put_spool(night());
    int kills = 0;
    for (int point = 0;; ++point) {
        pid_t const child = fork();
        if (child == 0) {
            auto session = open();
            int left = point;
            drain_spools(session, spools(), [&] {
                if (left-- == 0) kill(getpid(), SIGKILL);
            });
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (!WIFSIGNALED(status)) break;
        ++kills;
        ASSERT_TRUE(std::filesystem::exists(spools() + "/a.spool")) << point;
        auto session = open();
        db::recover_abandoned(session);  // another run starts in between
        ASSERT_LT(kills, 100);
    }
    EXPECT_GE(kills, 10);
    auto session = open();
    EXPECT_FALSE(std::filesystem::exists(spools()));
    EXPECT_EQ(count(session, "data_products"), 3);
    EXPECT_EQ(count(session, "group_runs WHERE status = 'COMPLETED'"), 3);
    EXPECT_EQ(count(session, "event"), 15);
    EXPECT_EQ(count(session, "(SELECT DISTINCT idempotency_key FROM event) AS keys"), 15);
}

TEST_F(Ship, killed_at_any_moment_it_is_whole_in_the_end)
{
    put_spool(night());
    for (int us = 0; us < 60000 && std::filesystem::exists(spools()); us += 3000) {
        pid_t const child = fork();
        if (child == 0) {
            auto session = open();
            drain_spools(session, spools());
            _exit(0);
        }
        usleep(static_cast<useconds_t>(us));
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
    }
    auto session = open();
    drain_spools(session, spools());
    EXPECT_FALSE(std::filesystem::exists(spools()));
    expect_whole(session);
}

/// Killed between the last spool and its directory, and between the directory's mark and the directory.
TEST_F(Ship, a_directory_that_a_kill_left_goes_with_the_next_drain)
{
    namespace fs = std::filesystem;
    auto session = open();
    auto const aside = scratch_ / ".spool.made-for-spools";
    for (bool const mark_is_out : {false, true}) {
        put_spool({});
        fs::remove(spools() + "/a.spool");
        if (mark_is_out) fs::rename(spools() + "/.made-for-spools", aside);
        EXPECT_EQ(drain_spools(session, spools()).kept, 0);
        EXPECT_FALSE(fs::exists(spools())) << mark_is_out;
        EXPECT_FALSE(fs::exists(aside));
    }
    fs::create_directories(spools());
    drain_spools(session, spools());
    EXPECT_TRUE(fs::exists(spools())) << "a user's own";
}

TEST_F(Ship, a_claim_that_was_given_back_is_taken_up_again)
{
    auto session = open();
    put_groups(session, 1);
    auto const run = start(session);
    auto const held = db::claim_group(session, "g0", {run, "gone:1:2", -1}).value();
    put_spool({to_line(result_of(held))});
    ASSERT_EQ(db::recover_abandoned(session).size(), 1u);
    EXPECT_EQ(drain_spools(session, spools()).moves, 1);
    EXPECT_EQ(count(session, "ingest_queue WHERE state = 'completed'"), 1);
    EXPECT_EQ(count(session, "group_runs WHERE status = 'COMPLETED'"), 1);
    EXPECT_EQ(count(session, "group_runs WHERE error IS NOT NULL OR error_stage IS NOT NULL OR error_code IS NOT NULL"),
              0)
        << "it succeeded after all";
}

TEST_F(Ship, of_a_zombie_is_refused_while_another_works)
{
    let_a_zombie_ship(Other::works);
    auto session = open();
    EXPECT_EQ(count(session, "group_runs WHERE status = 'COMPLETED'"), 0);
    EXPECT_NO_THROW(db::record_group_result(session, result_of(living_)));
}

TEST_F(Ship, of_a_zombie_is_refused_when_another_is_done)
{
    let_a_zombie_ship(Other::is_done);
    auto session = open();
    EXPECT_EQ(count(session, "group_runs WHERE status = 'COMPLETED'"), 1);
}

TEST_F(Ship, taken_away_by_hand_is_refused_even_when_nobody_has_it)
{
    auto session = open();
    put_groups(session, 1);
    auto const held = claim(session, start(session), 0);
    put_spool({to_line(result_of(held))});
    db::retry_group(session, "g0", db::Force::yes);
    EXPECT_EQ(drain_spools(session, spools()).refused, 1);
    EXPECT_EQ(count(session, "ingest_queue WHERE state = 'pending'"), 1);
}

TEST_F(Ship, a_result_whose_files_are_gone_is_done_again)
{
    auto session = open();
    put_groups(session, 1);
    auto const held = claim(session, start(session), 0);
    auto const result = result_of(held);
    put_spool({to_line(result)});
    std::filesystem::resize_file(result.products[0].path, 3);
    auto const drained = drain_spools(session, spools());
    EXPECT_EQ(drained.refused, 1);
    EXPECT_NE(drained.remarks.at(0).find(result.products[0].path), std::string::npos);
    EXPECT_EQ(count(session, "ingest_queue WHERE state = 'pending'"), 1);
}

TEST_F(Ship, spools_in_use_damaged_or_of_another_database_are_kept)
{
    auto const lines = night();
    auto session = open();
    auto const living = Spool::create(spools() + "/living.spool", "{}");
    auto other = db::Session::open((scratch_ / "other.sqlite").string());
    put_spool(lines);
    auto const foreign = drain_spools(other, spools());
    EXPECT_EQ(foreign.kept, 1);
    EXPECT_EQ(foreign.busy, 1);
    EXPECT_EQ(foreign.moves + foreign.events, 0);
    EXPECT_NE(foreign.remarks.at(0).find(run_), std::string::npos);
    std::ofstream(spools() + "/a.spool", std::ios::app) << "no checksum, no spool\n";
    auto const damaged = drain_spools(session, spools());
    EXPECT_EQ(damaged.kept, 1);
    EXPECT_EQ(damaged.moves, 6) << "the other lines were shipped";
    std::ofstream(spools() + "/b.spool") << "";
    EXPECT_EQ(drain_spools(session, spools()).spools, 1) << "a spool whose owner was killed when it began it";
}

TEST_F(Ship, what_died_before_it_had_its_name_is_removed)
{
    auto session = open();
    pid_t const dead = fork();
    if (dead == 0) _exit(0);
    ASSERT_EQ(waitpid(dead, nullptr, 0), dead);
    std::filesystem::create_directories(spools());
    auto const named = [&](pid_t owner) {
        auto const path = spools() + "/.c.spool.tmp-" + host_name() + "-" + std::to_string(owner) + "-1";
        std::ofstream(path) << "half a title";
        return path;
    };
    auto const left = named(dead), begun = named(getpid());
    EXPECT_EQ(drain_spools(session, spools()).kept, 0);
    EXPECT_FALSE(std::filesystem::exists(left));
    EXPECT_TRUE(std::filesystem::exists(begun)) << "its owner lives";
}

TEST_F(Ship, lines_are_refused_by_what_they_are_not)
{
    for (char const* line :
         {"", "{", "[]", "{}", "{\"event\":{}}", "{\"result\":{}}", "{\"surprise\":{}}", "null", "7"}) {
        try {
            entry_of_line(line);
            ADD_FAILURE() << line;
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::bad_input) << line;
        }
    }
}

}  // namespace
}  // namespace nocturne
