// Tables of benchmarks: what is made of the programs' words, and which changes are regressions.
#include "driver/bench.hpp"

#include "nocturne/error.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace nocturne {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

class Bench : public ::testing::Test {
protected:
    void SetUp() override
    {
        folder_ = fs::temp_directory_path() / ("nocturne-bench-test-" + std::to_string(::getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    /// A program that says so, a little slower from call to call.
    void program(std::string const& name, std::string const& body)
    {
        auto const path = folder_ / name;
        std::ofstream(path) << "#!/bin/sh\n" << body;
        fs::permissions(path, fs::perms::owner_all);
    }
    fs::path folder_;
};

TEST_F(Bench, keeps_the_best_of_the_rounds_with_its_shares)
{
    program("bench_fast", R"(n=$(cat "$0.n" 2>/dev/null || echo 10)
echo $((n + 1)) > "$0.n"
echo '{"context": {}, "benchmarks": [{"name": "one", "run_type": "iteration", "iterations": 3, "real_time": '$n'.0, "cpu_time": 1.0,'
echo '"time_unit": "us", "share_of_read": 0.5, "vis/s": 7.5}, {"name": "one_mean", "run_type": "aggregate", "real_time": 1, "time_unit": "s"}]}'
)");
    program("bench_none", "exit 0\n");
    program("other", "exit 1\n");
    auto const table = run_benchmarks({folder_.string(), {}, ".", 3, 0.1});
    ASSERT_EQ(table["benchmarks"].size(), 1U);
    auto const& one = table["benchmarks"]["fast one"];
    EXPECT_NEAR(one["best_s"].get<double>(), 10e-6, 1e-12);
    EXPECT_NEAR(one["median_s"].get<double>(), 11e-6, 1e-12);
    EXPECT_NEAR(one["spread"].get<double>(), 0.1, 1e-9);
    EXPECT_EQ(one["shares"].dump(), R"({"share_of_read":0.5})");
    EXPECT_EQ(one["rates"].dump(), R"({"vis/s":7.5})");
    EXPECT_FALSE(table["processor"].get<std::string>().empty());
    auto const path = (folder_ / "a.json").string();
    std::ofstream(path) << table;
    EXPECT_EQ(read_benchmarks(path), table);
}

TEST_F(Bench, peers_are_measured_where_they_are_installed)
{
    program("bench_wgridder", "exit 0\n");
    BenchRequest request{folder_.string(), {}, ".", 1, 0.1};
    EXPECT_NE(run_benchmarks(request)["peers"]["ducc0"].get<std::string>().find("ducc_compare.py"), std::string::npos);
    program("ducc_compare.py", "exit 1\n");
    program("without", "exit 1\n");
    request.peers = (folder_ / "without").string();
    EXPECT_NE(run_benchmarks(request)["peers"]["ducc0"].get<std::string>().find("has no ducc0"), std::string::npos);
    program("python", R"(test "$1" = -c && exit 0
echo "{\"said\": \"$*\"}"
)");
    request.peers = (folder_ / "python").string();
    request.peer_size = {"--rounds", "7"};
    EXPECT_EQ(
        run_benchmarks(request)["peers"]["ducc0"]["said"],
        (folder_ / "ducc_compare.py").string() + " " + (folder_ / "bench_wgridder").string() + " --json --rounds 7");
    program("python", "test \"$1\" = -c && exit 0\nexit 4\n");
    EXPECT_THROW(run_benchmarks(request), Error);
    request.peers = "none";
    EXPECT_TRUE(run_benchmarks(request)["peers"].empty());
}

TEST_F(Bench, failures_are_named)
{
    EXPECT_THROW(run_benchmarks({folder_.string(), {}, ".", 1, 0.1}), Error);
    program("bench_bad", "echo oh no >&2; exit 5\n");
    try {
        run_benchmarks({folder_.string(), {"bad"}, ".", 1, 0.1});
        FAIL();
    } catch (Error const& error) {
        EXPECT_NE(std::string(error.what()).find("oh no"), std::string::npos) << error.what();
    }
    EXPECT_THROW(read_benchmarks((folder_ / "none").string()), Error);
    EXPECT_THROW(read_benchmarks((folder_ / "bench_bad").string()), Error);
}

Json table_of(std::string const& processor, std::map<std::string, std::array<double, 3>> const& rows)
{
    Json all = Json::object();
    for (auto const& [name, row] : rows)
        all[name] = {{"best_s", row[0]}, {"spread", row[1]}, {"shares", {{"share_of_read", row[2]}}}};
    return {{"processor", processor}, {"benchmarks", all}};
}

TEST(BenchRule, a_change_beyond_the_scatter_is_a_regression)
{
    auto const a = table_of(
        "x", {{"calm", {1, 0.01, 0.5}}, {"wild", {1, 0.2, 0.5}}, {"fast", {1, 0, 0.5}}, {"gone", {1, 0, 0.5}}});
    auto const b = table_of(
        "x", {{"calm", {1.07, 0.01, 0.4}}, {"wild", {1.4, 0.1, 0.5}}, {"fast", {0.5, 0, 0.5}}, {"new", {1, 0, 0}}});
    auto const compared = compare_benchmarks(a, b);
    EXPECT_EQ(compared["slower"].dump(), R"(["calm"])");
    EXPECT_EQ(compared["benchmarks"]["wild"]["verdict"], "cannot tell");
    EXPECT_EQ(compared["benchmarks"]["fast"]["verdict"], "faster");
    EXPECT_EQ(compared["only_in_a"].dump(), R"(["gone"])");
    EXPECT_EQ(compared["only_in_b"].dump(), R"(["new"])");
    EXPECT_TRUE(compare_benchmarks(a, a)["slower"].empty());
}

TEST(BenchRule, machines_are_compared_by_their_peaks)
{
    auto const a = table_of("x", {{"k", {1, 0, 0.8}}, {"bad", {1, 0, 0.8}}});
    auto const b = table_of("y", {{"k", {3, 0, 0.79}}, {"bad", {0.5, 0, 0.4}}});
    auto const compared = compare_benchmarks(a, b);
    EXPECT_EQ(compared["slower"].dump(), R"(["bad"])") << "faster by the clock, and half of what the machine can do";
}

}  // namespace
}  // namespace nocturne
