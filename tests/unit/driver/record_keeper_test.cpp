// The way to a database that is away for a while: here one whose lock another connection holds.
#include "driver/record_keeper.hpp"

#include "spooled_night.hpp"

#include <thread>

namespace nocturne {
namespace {

class Keeper : public test::SpooledNight {
protected:
    void begin(double wait_s, std::function<bool()> stop = {})
    {
        auto session = open();
        put_groups(session, 3);
        run_ = start(session);
        keeper_ = std::make_unique<RecordKeeper>(KeeperArgs{database(), spools(), run_, 0, wait_s, std::move(stop)},
                                                 std::move(session));
        keeper_->ask([&](db::Session& there) { held_ = claim(there, run_, 0); });
        keeper_->claimed();
    }
    /// Nobody else writes until it is let go.
    void take_away()
    {
        holder_.emplace(open());
        hold_.emplace(*holder_);
    }
    void bring_back()
    {
        hold_.reset();
        holder_.reset();
    }
    std::size_t spooled() const { return read_spool(keeper_->spool_path()).lines.size(); }

    std::string run_;
    db::Claim held_;
    std::unique_ptr<RecordKeeper> keeper_;
    std::optional<db::Session> holder_;
    std::optional<db::Transaction> hold_;
};

TEST_F(Keeper, records_at_once_where_the_database_is_there)
{
    begin(0.3);
    keeper_->record(result_of(held_));
    EXPECT_EQ(keeper_->unrecorded(), 0);
    auto session = open();
    EXPECT_EQ(count(session, "ingest_queue WHERE state = 'completed'"), 1);
    EXPECT_EQ(count(session, "event WHERE kind = 'finished'"), 2) << "in the same transaction";
    keeper_->emit({keeper_->events().make({}, "finished", {}, {})});
    keeper_->close();
    EXPECT_FALSE(std::filesystem::exists(spools()));
    EXPECT_EQ(count(session, "event"), 3);
}

TEST_F(Keeper, keeps_a_result_and_ships_it_before_anything_else_is_asked)
{
    begin(0.3);
    take_away();
    keeper_->renew(held_, "imaging");
    EXPECT_TRUE(keeper_->away());
    keeper_->record(result_of(held_));
    EXPECT_EQ(keeper_->unrecorded(), 1);
    EXPECT_EQ(spooled(), 1u);
    bring_back();
    std::int64_t completed = -1;
    usleep(250000);
    EXPECT_TRUE(keeper_->ask([&](db::Session& session) { completed = count(session, "data_products"); }));
    EXPECT_EQ(completed, 1);
    EXPECT_EQ(keeper_->unrecorded(), 0);
    EXPECT_EQ(spooled(), 0u);
    EXPECT_FALSE(keeper_->away());
}

TEST_F(Keeper, keeps_a_result_where_an_older_copy_took_the_place_of_the_database)
{
    begin(0.3);
    {
        auto session = open();
        for (std::string const table : {"group_runs", "subjob", "event", "job"})
            db::Query(session, "DELETE FROM " + table).run();
        db::Query(session, "UPDATE ingest_queue SET run_id = NULL").run();
        db::Query(session, "DELETE FROM runs").run();
    }
    EXPECT_NO_THROW(keeper_->finish_run({run_, {}}));
    EXPECT_TRUE(keeper_->away());
    EXPECT_EQ(keeper_->unrecorded(), 1);
    usleep(250000);
    EXPECT_FALSE(keeper_->ask([](db::Session&) {})) << "it is there, and not ours";
    EXPECT_TRUE(keeper_->away());
    EXPECT_GE(spooled(), 1u);
}

TEST_F(Keeper, ships_at_the_end_what_the_database_did_not_take_for_a_moment)
{
    begin(0.3);
    take_away();
    keeper_->finish_run({run_, {}});
    EXPECT_EQ(keeper_->unrecorded(), 1);
    EXPECT_FALSE(keeper_->ship_last());
    bring_back();
    EXPECT_TRUE(keeper_->ship_last());
    EXPECT_EQ(keeper_->unrecorded(), 0);
}

TEST_F(Keeper, asks_less_and_less_often_where_the_database_is_there_and_does_nothing)
{
    begin(3);
    int tries = 0;
    EXPECT_FALSE(keeper_->ask([&](db::Session&) {
        ++tries;
        throw db::DatabaseAway(Code::io, "database", "its disk is full", "free space");
    }));
    EXPECT_GE(tries, 3);
    EXPECT_LE(tries, 6);
    EXPECT_TRUE(keeper_->gave_up());
    usleep(250000);
    EXPECT_TRUE(keeper_->ask_now([](db::Session&) {})) << "it is there";
}

TEST_F(Keeper, keeps_failures_releases_and_the_end)
{
    begin(0.2);
    db::Claim second, third;
    keeper_->ask([&](db::Session& session) { second = claim(session, run_, 1), third = claim(session, run_, 2); });
    take_away();
    keeper_->record(result_of(held_));
    keeper_->fail({second, {65, "flag", "bad"}, {keeper_->events().make(subject_of(second), "error", {}, {})}});
    keeper_->release({third, "a signal", {}});
    keeper_->finish_run({run_, {db::RunStatus::failed, 75, 0, 0, "", 0}});
    EXPECT_EQ(keeper_->unrecorded(), 4);
    EXPECT_FALSE(keeper_->settle());
    EXPECT_TRUE(keeper_->gave_up());
    keeper_->close();
    auto const path = keeper_->spool_path();
    keeper_.reset();
    bring_back();
    ASSERT_TRUE(std::filesystem::exists(path)) << "it waits for the next run";
    auto session = open();
    EXPECT_EQ(drain_spools(session, spools()).moves, 4);
    EXPECT_EQ(count(session, "ingest_queue WHERE state IN ('completed', 'failed', 'pending')"), 3);
    EXPECT_EQ(count(session, "runs WHERE exit_code = 75"), 1);
}

TEST_F(Keeper, waits_for_an_answer_until_it_comes)
{
    begin(20);
    take_away();
    keeper_->ask_now([](db::Session& session) { session.set_patience_s(0.1); });
    keeper_->record(result_of(held_));
    std::thread later([&] {
        usleep(700000);
        bring_back();
    });
    Stopwatch waited;
    db::Claim next;
    EXPECT_TRUE(keeper_->ask([&](db::Session& session) { next = claim(session, run_, 1); }));
    EXPECT_LT(waited.seconds(), 10);
    later.join();
    EXPECT_EQ(next.group_id, "g1");
    EXPECT_EQ(keeper_->unrecorded(), 0);
}

TEST_F(Keeper, gives_up_in_time_and_at_a_signal)
{
    bool stopped = false;
    begin(1, [&] { return stopped; });
    take_away();
    int asked = 0;
    auto const question = [&](db::Session& session) { claim(session, run_, 1), ++asked; };
    Stopwatch waited;
    EXPECT_FALSE(keeper_->ask(question));
    EXPECT_TRUE(keeper_->gave_up());
    EXPECT_GT(waited.seconds(), 0.8);
    EXPECT_LT(waited.restart(), 8);
    EXPECT_NE(keeper_->why_left().find(database()), std::string::npos);
    EXPECT_FALSE(keeper_->ask(question)) << "nobody waits twice for what does not come";
    EXPECT_LT(waited.seconds(), 4);
    bring_back();
    usleep(250000);
    EXPECT_TRUE(keeper_->ask(question)) << "it may come after all";
    EXPECT_FALSE(keeper_->gave_up());
    EXPECT_EQ(asked, 1);
    stopped = true;
    take_away();
    EXPECT_FALSE(keeper_->ask(question));
    EXPECT_EQ(asked, 1);
}

TEST_F(Keeper, another_runs_claim_ends_the_work)
{
    begin(1);
    {
        auto session = open();
        db::release_claim(session, held_, "");
        db::RunStart run;
        run.code_version = "test";
        db::claim_group(session, held_.group_id, {db::start_run(session, run), "elsewhere:1:2"});
    }
    Code code = Code::qa_fail;
    try {
        keeper_->renew(held_, "imaging");
    } catch (Error const& error) {
        code = error.code();
    }
    EXPECT_EQ(code, Code::transient);
    EXPECT_THROW(keeper_->record(result_of(held_)), db::ClaimGone);
}

}  // namespace
}  // namespace nocturne
