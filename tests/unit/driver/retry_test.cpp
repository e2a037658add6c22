// When a failure is worth another try, and which task's policy says so.
#include "driver/retry.hpp"

#include "driver/room.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nocturne {
namespace {

GroupFailure failure(Code code, std::string const& message = "bad")
{
    return {"g", "image.clean", message, exit_code(code)};
}

TEST(Retry, CausesAreToldFromCodesAndWords)
{
    EXPECT_EQ(cause_of(failure(Code::io)), "io");
    EXPECT_EQ(cause_of(failure(Code::io, std::string("cannot write x (") + std::strerror(ENOSPC) + ")")), "space");
    EXPECT_EQ(cause_of(failure(Code::io, std::string("cannot write x (") + std::strerror(EDQUOT) + ")")), "space");
    EXPECT_EQ(cause_of(failure(Code::system)), "node");
    EXPECT_EQ(cause_of(failure(Code::system, std::string(no_memory) + " of a group")), "oom");
    EXPECT_EQ(cause_of(failure(Code::system, "out of memory (the host has no more)")), "oom");
    EXPECT_EQ(cause_of(failure(Code::bad_input)), "data");
    EXPECT_EQ(cause_of(failure(Code::qa_fail)), "quality");
    EXPECT_EQ(cause_of(failure(Code::defect)), "");
    for (auto code : {Code::io, Code::system, Code::bad_input, Code::qa_fail})
        EXPECT_NE(std::find(retry_causes().begin(), retry_causes().end(), cause_of(failure(code))),
                  retry_causes().end());
}

/// A full disk or quota, or a node with little memory, gives no group up.
TEST(Retry, WhatIsNotOfTheGroupIsToldApart)
{
    EXPECT_EQ(not_of_the_group(failure(Code::io, std::strerror(EDQUOT))), "space");
    EXPECT_EQ(not_of_the_group(failure(Code::system, "out of memory")), "oom");
    EXPECT_EQ(not_of_the_group(failure(Code::io)), "");
    EXPECT_EQ(not_of_the_group(failure(Code::system)), "");
    EXPECT_EQ(not_of_the_group({"g", "verify", "bad", exit_code(Code::bad_input)}), "verify");
}

TEST(Retry, PausesDoubleUntilEnoughFailed)
{
    RetryPolicy const policy{12, 2, {"io"}};
    EXPECT_EQ(pause_before_retry(policy, failure(Code::io), 1), 2);
    EXPECT_EQ(pause_before_retry(policy, failure(Code::io), 3), 8);
    EXPECT_EQ(pause_before_retry(policy, failure(Code::io), 11), 300);
    EXPECT_FALSE(pause_before_retry(policy, failure(Code::io), 12));
    EXPECT_FALSE(pause_before_retry(policy, failure(Code::system), 1));
}

TEST(Retry, TheTaskOfTheStageHasTheWord)
{
    StageType const image{"image", "", {}, nullptr};
    Job job;
    job.retry.most = 7;
    job.tasks.push_back({"i", &image, {}, {}, {5, 1, {}}});
    EXPECT_EQ(policy_for(job, "image.clean").most, 5);
    EXPECT_EQ(policy_for(job, "write").most, 7);
    EXPECT_EQ(policy_for(job, "").most, 7);
}

}  // namespace
}  // namespace nocturne
