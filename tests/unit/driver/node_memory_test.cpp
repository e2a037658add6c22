// What a control group leaves of a node's memory, from files as the kernel writes them (both versions).
#include "driver/node_memory.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

class NodeMemoryGroups : public ::testing::Test {
protected:
    void SetUp() override
    {
        mounts_ = fs::temp_directory_path() / ("nocturne-groups-" + std::to_string(getpid()));
        fs::remove_all(mounts_);
        fs::create_directories(mounts_);
    }
    void TearDown() override { fs::remove_all(mounts_); }

    void write(std::string const& group, std::string const& name, std::string const& text) const
    {
        fs::create_directories(mounts_ / group);
        std::ofstream(mounts_ / group / name) << text;
    }

    fs::path mounts_;
};

TEST_F(NodeMemoryGroups, TheTightestOfThoseThatEncloseTheProcessCounts)
{
    write("slurm/job_7", "memory.max", "8000000000\n");
    write("slurm/job_7", "memory.current", "5000000000\n");
    write("slurm/job_7", "memory.stat", "anon 4000000000\nfile 1000000000\ninactive_file 900000000\n");
    write("slurm/job_7/step_0/task_0", "memory.max", "max\n");
    write("slurm/job_7/step_0/task_0", "memory.current", "1\n");
    write("slurm", "memory.max", "64000000000\n");
    auto const found = tightest_group("0::/slurm/job_7/step_0/task_0\n", mounts_);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->limit_bytes, 8'000'000'000U);
    EXPECT_EQ(found->free_bytes(), 3'900'000'000U) << "pages of files that nobody asks for can be had again";
}

TEST_F(NodeMemoryGroups, TheMemoryControllerOfTheFirstVersionIsReadToo)
{
    write("memory", "memory.limit_in_bytes", "9223372036854771712\n");
    write("memory/slurm/uid_0/job_1", "memory.limit_in_bytes", "2000000000\n");
    write("memory/slurm/uid_0/job_1", "memory.usage_in_bytes", "2100000000\n");
    auto const found = tightest_group("5:devices:/x\n4:cpu,memory:/slurm/uid_0/job_1/step_0\n0::/\n", mounts_);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->limit_bytes, 2'000'000'000U);
    EXPECT_EQ(found->free_bytes(), 0U);
}

TEST_F(NodeMemoryGroups, InAContainerTheMountIsTheGroup)
{
    write(".", "memory.max", "3000000000\n");
    write(".", "memory.current", "1000000000\n");
    auto const found = tightest_group("0::/../../docker/0123\n", mounts_);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->free_bytes(), 2'000'000'000U);
}

TEST_F(NodeMemoryGroups, WithoutALimitThereIsNone)
{
    write("slurm", "memory.max", "max\n");
    write("memory", "memory.limit_in_bytes", "9223372036854771712\n");
    EXPECT_FALSE(tightest_group("4:memory:/\n0::/slurm\n", mounts_));
    EXPECT_FALSE(tightest_group("", mounts_));
    EXPECT_FALSE(tightest_group("not what the kernel writes", mounts_));
}

TEST(NodeMemory, ThisProcessHasSomeOfWhatTheNodeHas)
{
    auto const here = find_memory();
    EXPECT_GT(here.total_bytes, here.available_bytes);
    EXPECT_GT(available_memory(), 0U);
    EXPECT_LE(available_memory(), here.total_bytes);
}

}  // namespace
}  // namespace nocturne
