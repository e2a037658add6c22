// Directories that go away with their processes: the last of them, those that were killed, and two that come and go at once.
#include "driver/held_place.hpp"

#include "tests/unit/io/scratch.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

class Places : public ::testing::Test {
protected:
    test::Scratch const scratch_;
    fs::path top_ = scratch_ / "top";
};

TEST_F(Places, TheLastOfANameTakesItAway)
{
    {
        HeldPlace first(top_, "a");
        std::ofstream(first.path() / "file") << "kept";
        {
            HeldPlace const second(top_, "a"), other(top_, "b");
            EXPECT_TRUE(fs::exists(second.path() / "file"));
        }
        EXPECT_FALSE(fs::exists(top_ / "b"));
        EXPECT_TRUE(fs::exists(top_ / "a" / "file"));
        HeldPlace const moved = std::move(first);
        EXPECT_FALSE(first.held());
        EXPECT_TRUE(moved.held());
    }
    EXPECT_TRUE(fs::is_empty(scratch_.path()));
}

TEST_F(Places, WhatKilledProcessesLeftGoesWithTheNext)
{
    pid_t const child = fork();
    if (child == 0) {
        HeldPlace const place(top_, "theirs");
        std::ofstream(place.path() / "file") << "left";
        kill(getpid(), SIGKILL);
    }
    waitpid(child, nullptr, 0);
    ASSERT_TRUE(fs::exists(top_ / "theirs" / "file"));
    HeldPlace const place(top_, "ours");
    EXPECT_FALSE(fs::exists(top_ / "theirs"));
    EXPECT_TRUE(place.held());
}

TEST_F(Places, ManyThatComeAndGoHoldTheirOwn)
{
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        children.push_back(fork());
        if (children.back()) continue;
        for (int turn = 0; turn < 200; ++turn) {
            HeldPlace const place(top_, std::to_string(i));
            std::ofstream(place.path() / "file") << turn;
            if (!place.held() || !fs::exists(place.path() / "file")) _exit(1);
        }
        _exit(0);
    }
    for (pid_t child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_TRUE(fs::is_empty(scratch_.path()));
}

}  // namespace
}  // namespace nocturne
