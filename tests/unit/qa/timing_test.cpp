// The ledger: sums, merging over ranks, the table and its JSON.
#include "qa/timing.hpp"

#include "nocturne/error.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace nocturne {
namespace {

Ledger one_rank(double seconds)
{
    Ledger ledger;
    ledger.add("read", seconds, 2'000'000'000);
    ledger.add("convert", 0.25);
    ledger.add("read", seconds, 1'000'000'000);
    return ledger;
}

TEST(Ledger, sums_calls_in_the_order_of_names)
{
    auto const ledger = one_rank(0.5);
    ASSERT_EQ(ledger.rows().size(), 2U);
    EXPECT_EQ(ledger.rows()[0].name, "read");
    EXPECT_EQ(ledger.rows()[0].calls, 2);
    EXPECT_DOUBLE_EQ(ledger.rows()[0].seconds, 1.0);
    EXPECT_EQ(ledger.rows()[0].bytes, 3'000'000'000U);
    EXPECT_DOUBLE_EQ(ledger.total_seconds(), 1.25);
}

TEST(Ledger, merges_ranks)
{
    auto merged = one_rank(0.5);
    merged.merge(one_rank(1.5));
    Ledger third;
    third.add("image", 2);
    merged.merge(third);
    auto const& read = merged.rows()[0];
    EXPECT_EQ(read.ranks, 2);
    EXPECT_EQ(read.calls, 4);
    EXPECT_DOUBLE_EQ(read.seconds, 4.0);
    EXPECT_DOUBLE_EQ(read.slowest_s, 3.0);
    EXPECT_EQ(merged.rows()[2].ranks, 1);
    Ledger empty;
    empty.merge(merged);
    EXPECT_EQ(empty.rows()[0].ranks, 2);
}

TEST(Ledger, later_work_of_the_same_ranks_is_no_other_rank)
{
    auto group = one_rank(0.5);
    group.merge(one_rank(1.5));
    auto run = group;
    run.append(group);
    run.append(group);
    EXPECT_EQ(run.rows()[0].ranks, 2);
    EXPECT_DOUBLE_EQ(run.rows()[0].seconds, 12.0);
    EXPECT_DOUBLE_EQ(run.rows()[0].slowest_s, 9.0);
    EXPECT_NE(run.table(12).find("50.0 %"), std::string::npos)
        << run.table(12);  // 12 s of reading by two ranks in 12 s
}

TEST(Ledger, goes_through_json)
{
    auto const ledger = one_rank(0.5);
    auto const document = ledger.json();
    EXPECT_DOUBLE_EQ(document[0]["gb_per_s"], 3.0);
    EXPECT_EQ(Ledger::from_json(document).json(), document);
    EXPECT_THROW(Ledger::from_json({{{"name", 3}}}), Error);
}

TEST(Ledger, prints_an_aligned_table_that_adds_up)
{
    auto const text = one_rank(0.5).table(2.5, 6e9);
    std::istringstream lines(text);
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);) all.push_back(line);
    ASSERT_EQ(all.size(), 7U);
    EXPECT_NE(all[2].find("40.0 %"), std::string::npos) << text;  // read: 1.0 of 2.5 s
    EXPECT_NE(all[2].find("3.00 GB"), std::string::npos) << text;
    EXPECT_NE(all[2].find("50.0 %"), std::string::npos) << text;  // 3 of 6 GB/s
    EXPECT_NE(all[4].find("1.250"), std::string::npos) << text;   // elsewhere
    EXPECT_NE(all[6].find("100.0 %"), std::string::npos) << text;
    EXPECT_EQ(all[1].size(), all[0].size()) << text;
    EXPECT_EQ(one_rank(1).table(2.25).find("bandwidth"), std::string::npos);
}

TEST(Timing, formats_bytes_and_seconds)
{
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(999), "999 B");
    EXPECT_EQ(format_bytes(999.7e3), "1.00 MB");
    EXPECT_EQ(format_bytes(19.31e6), "19.3 MB");
    EXPECT_EQ(format_bytes(1.37e9), "1.37 GB");
    EXPECT_EQ(format_seconds(0.5324), "0.532 s");
    EXPECT_EQ(format_seconds(12.34), "12.3 s");
    EXPECT_EQ(format_seconds(245), "4 min 05 s");
    EXPECT_EQ(format_seconds(7384), "2 h 03 min");
}

TEST(Timing, measures_a_plausible_bandwidth) { EXPECT_GT(measure_bandwidth(), 1e8); }

}  // namespace
}  // namespace nocturne
