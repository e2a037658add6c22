// Raw files that may go: what is logged of them is what happened, and no group that was claimed meanwhile loses any.
#include "db/deletions.hpp"

#include "db/queue.hpp"
#include "db/runs.hpp"
#include "scratch.hpp"

namespace nocturne::db::test {
namespace {

class Deletions : public ::testing::Test {
protected:
    void SetUp() override
    {
        put_group(session_, "g");
        RunStart start;
        start.code_version = "test";
        run_ = start_run(session_, start);
        finish();
    }
    Claim claim() { return *claim_group(session_, "g", {run_, lease_owner(), 3600, ClaimFrom::any_finished}); }
    void finish()
    {
        GroupResult result;
        result.claim = claim();
        record_group_result(session_, result);
    }
    Deletion of(RawFile const& file) const { return {file, {"/archive/x"}, 1, "data reap"}; }
    std::vector<std::string> logged() { return texts_of(session_, "SELECT path FROM deletion_log ORDER BY id"); }

    Scratch scratch_;
    Session session_ = Session::open(scratch_.database("a"));
    std::string run_;
};

TEST_F(Deletions, AreLoggedWhereTheyEndAndForgottenWhereTheyAreWithdrawn)
{
    auto const files = raw_files_below(session_, "/data");
    ASSERT_EQ(files.size(), 2U);
    auto const first = begin_deletion(session_, of(files[0])), second = begin_deletion(session_, of(files[1]));
    EXPECT_EQ(open_deletions(session_, "/data").size(), 2U);
    EXPECT_EQ(open_deletions(session_, "/elsewhere").size(), 0U);
    EXPECT_TRUE(end_deletion(session_, first));
    EXPECT_TRUE(find_deletion(session_, first)->ended);
    withdraw_deletion(session_, first);
    withdraw_deletion(session_, second);
    EXPECT_EQ(logged(), std::vector<std::string>{files[0].path}) << "what ended is not taken back";
    EXPECT_FALSE(end_deletion(session_, second));
    EXPECT_FALSE(find_deletion(session_, second));
    EXPECT_EQ(raw_files_below(session_, "/data").size(), 1U);
}

TEST_F(Deletions, AGroupThatWasClaimedMeanwhileLosesNothing)
{
    auto const file = raw_files_below(session_, "/data").front();
    auto const held = claim();
    EXPECT_EQ(code_of([&] { begin_deletion(session_, of(file)); }), Code::transient);
    GroupResult result;
    result.claim = held;
    record_group_result(session_, result);
    EXPECT_EQ(code_of([&] { begin_deletion(session_, of(file)); }), Code::transient)
        << "completed as before, by another claim";
    EXPECT_EQ(logged().size(), 0U);
    EXPECT_NO_THROW(begin_deletion(session_, of(raw_files_below(session_, "/data").front())));
}

}  // namespace
}  // namespace nocturne::db::test
