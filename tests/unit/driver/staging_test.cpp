// Copies on a node's disk and turns to read: what is shared, what is left, what happens where there is no room.
#include "driver/staging.hpp"

#include "driver/node_turns.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <stdlib.h>
#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

class Staging : public ::testing::Test {
protected:
    void SetUp() override
    {
        scratch_ = fs::temp_directory_path() / ("nocturne-staging-" + std::to_string(getpid()));
        fs::remove_all(scratch_);
        fs::create_directories(scratch_ / "in");
        fs::create_directories(scratch_ / "node");
        for (std::string const name : {"a", "b"}) {
            files_.push_back((scratch_ / "in" / name).string());
            std::ofstream(files_.back()) << "content of " << name;
        }
        setenv("NOCTURNE_SCRATCH", scratch_.c_str(), 1);
    }
    void TearDown() override
    {
        unsetenv("NOCTURNE_SCRATCH");
        fs::remove_all(scratch_);
    }
    StageRequest request(std::string const& name) const { return {(scratch_ / "node").string(), name}; }
    /// Places of groups on the node.
    long places() const
    {
        long n = 0;
        std::error_code none;
        for (auto const& at : fs::directory_iterator(top(), none)) n += at.is_directory();
        return n;
    }
    fs::path top() const { return scratch_ / "node" / ("nocturne-stage-" + std::to_string(getuid())); }
    static std::string text(std::string const& path)
    {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    fs::path scratch_;
    std::vector<std::string> files_;
};

TEST_F(Staging, CopiesAreSharedByRanksAndGoWithTheLast)
{
    auto first = std::make_unique<StagedFiles>(files_, request("run-g"));
    auto second = std::make_unique<StagedFiles>(files_, request("run-g"));
    ASSERT_EQ(first->paths().size(), 2U);
    EXPECT_NE(first->paths()[1], files_[1]);
    EXPECT_EQ(first->paths(), second->paths());
    EXPECT_EQ(text(first->paths()[1]), "content of b");
    auto const copy = first->paths()[0];
    first.reset();
    EXPECT_TRUE(fs::exists(copy)) << "the other rank reads it";
    second.reset();
    EXPECT_EQ(places(), 0);
    EXPECT_EQ(text(files_[0]), "content of a");
}

TEST_F(Staging, WhatTheDeadLeftIsRemovedAndWhatTheLivingUseIsNot)
{
    StagedFiles const living(files_, request("other-g"));
    fs::create_directories(top() / "dead-g");
    std::ofstream(top() / "dead-g" / "a") << "half";
    StagedFiles const mine(files_, request("run-g"));
    EXPECT_EQ(places(), 2);
    EXPECT_FALSE(fs::exists(top() / "dead-g"));
}

TEST_F(Staging, WithoutAWishOrWhereCopyingFailsTheFilesThemselvesServe)
{
    EXPECT_EQ(StagedFiles(files_, {}).paths(), files_);
    EXPECT_EQ(StagedFiles({(scratch_ / "in").string()}, request("set")).paths().front(), (scratch_ / "in").string());
    auto const with_missing = std::vector<std::string>{files_[0], (scratch_ / "in/gone").string()};
    EXPECT_EQ(StagedFiles(with_missing, request("run-g")).paths(), with_missing);
    auto stopping = request("run-h");
    stopping.stop = [] { return true; };
    EXPECT_EQ(StagedFiles(files_, stopping).paths(), files_);
    EXPECT_EQ(places(), 0);
    auto nowhere = request("run-i");
    nowhere.directory = files_[0];
    EXPECT_THROW(StagedFiles(files_, nowhere), Error);
}

TEST_F(Staging, ReadersTakeTurns)
{
    NodeTurns const one(1, {});
    std::atomic<bool> got{false};
    auto held = std::make_unique<NodeTurns::Turn>(one.take());
    ASSERT_TRUE(held->held());
    std::thread other([&] { got = one.take().held(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(got);
    held.reset();
    other.join();
    EXPECT_TRUE(got);
    NodeTurns const two(2, {});
    auto const a = two.take(), b = two.take();
    EXPECT_TRUE(a.held() && b.held());
    EXPECT_FALSE(NodeTurns(2, [] { return true; }).take().held()) << "who is to stop waits for nobody";
    EXPECT_FALSE(NodeTurns(0, {}).take().held());
    auto const gpu = NodeTurns::of_device("GPU-1", [] { return true; });
    auto const turn = gpu.take();
    EXPECT_TRUE(turn.held());
    EXPECT_FALSE(gpu.take().held()) << "another rank has its memory";
    EXPECT_TRUE(NodeTurns::of_device("GPU-2", {}).take().held());
    EXPECT_FALSE(NodeTurns::of_device("", {}).take().held()) << "a host, or a GPU of its own";
}

}  // namespace
}  // namespace nocturne
