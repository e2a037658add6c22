// POINTING of Measurement Sets that this program wrote, as others leave it behind.
#include "tests/unit/io/read_ms.hpp"

#include <cmath>

namespace nocturne {
namespace {

using test::plain;
using test::Read;
using test::start_s;
using test::TinyMs;

/// Two times of two antennas.
TinyMs pointed()
{
    auto set = plain();
    for (int const t : {0, 1})
        for (int const antenna : {0, 1}) set.pointings.push_back({antenna, start_s + 10 * t, 10, 1 + 0.1 * t, 0.4});
    return set;
}

void expect_pointings(TinyMs const& set, char const* what)
{
    Read const read(set);
    ASSERT_EQ(read.header.pointings.size(), 2U) << what;
    for (std::size_t t = 0; t < 2; ++t) {
        EXPECT_EQ(read.header.pointings[t].ra.value(), 1 + 0.1 * static_cast<double>(t)) << what;
        EXPECT_EQ(read.header.pointings[t].dec.value(), 0.4) << what;
    }
    EXPECT_TRUE(read.notes.empty()) << what;
}

TEST(MsPointing, AnyAntennaAndAnyOrderSayIt)
{
    auto set = pointed();
    expect_pointings(set, "as it was written");
    std::swap(set.pointings[0], set.pointings[3]);
    expect_pointings(set, "in another order");
    set = pointed();
    set.pointings.erase(set.pointings.begin() + 2);  // of the second time, the second antenna alone
    expect_pointings(set, "an antenna that was there for a while");
    for (auto& row : set.pointings) row.interval_s = 0;
    expect_pointings(set, "without intervals");
    set = pointed();
    set.pointings.insert(set.pointings.begin(), {0, NAN, 10, 2, 0.1});
    set.pointings.push_back({1, start_s + 1, NAN, 2, 0.1});
    expect_pointings(set, "rows without a time");
}

TEST(MsPointing, AveragesOfTimesLieBetween)
{
    auto set = pointed();
    for (auto& row : set.pointings) {
        row.time_s += row.time_s > start_s ? 5 : -5;                      // 5 s before the first time, 15 s after it
        row.ra = row.time_s > start_s ? 0.1 : 2 * std::acos(-1.0) - 0.2;  // across 0 h
        row.interval_s = 20;
    }
    Read const read(set);
    ASSERT_EQ(read.header.pointings.size(), 2U);
    EXPECT_NEAR(std::remainder(read.header.pointings[0].ra.value(), 2 * std::acos(-1.0)), -0.125, 1e-9);
    EXPECT_NEAR(std::remainder(read.header.pointings[1].ra.value(), 2 * std::acos(-1.0)), 0.025, 1e-9);
}

TEST(MsPointing, WhatCannotBeUsedIsANote)
{
    auto const spoilt = [](std::function<void(TinyMs::Pointing&)> const& spoil) {
        auto set = pointed();
        for (auto& row : set.pointings) spoil(row);
        Read const read(set);
        EXPECT_TRUE(read.header.pointings.empty());
        return read.notes.empty() ? std::string() : read.notes.front();
    };
    EXPECT_NE(spoilt([](auto& p) { p.time_s += 86400; }).find("it says nothing of MJD"), std::string::npos);
    EXPECT_NE(spoilt([](auto& p) { p.time_s = NAN; }).find("it says nothing of MJD"), std::string::npos);
    EXPECT_NE(spoilt([](auto& p) { p.ra = NAN; }).find("it is no direction"), std::string::npos);
    EXPECT_NE(spoilt([](auto& p) { p.dec = 1e300; }).find("it is no direction"), std::string::npos);
    EXPECT_EQ(spoilt([](auto& p) { p.name = "ZENITH"; }), "");
    bool first = true;
    auto const some = spoilt([&](auto& p) { p.name = std::exchange(first, false) ? "ZENITH" : p.name; });
    EXPECT_NE(some.find("only some of its rows are of this program"), std::string::npos) << some;
}

}  // namespace
}  // namespace nocturne
