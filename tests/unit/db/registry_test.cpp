// The registry: what goes in comes out, names and paths are unique, and the sets before and after a time are found with their weights.
#include "db/registry.hpp"

#include "scratch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nocturne::db::test {
namespace {

CalTableRow row(std::string const& set, std::string const& type, double mid_mjd)
{
    CalTableRow r;
    r.set_name = set;
    r.path = "/cal/" + set + ".h5#" + type;
    r.table_type = type;
    r.file_path = "/cal/" + set + ".h5";
    r.xxh128 = "0123";
    r.bytes = 7;
    r.mid_mjd = mid_mjd;
    r.valid_start_mjd = mid_mjd - 0.5;
    r.valid_end_mjd = mid_mjd + 0.5;
    r.dec_deg = 54.6;
    r.antennas_json = r.correlations_json = "[]";
    r.frequencies_json = "{}";
    r.qa = "pass";
    return r;
}

void add(Session& session, std::string const& set, double mid_mjd)
{
    register_tables(session, {row(set, "K", mid_mjd), row(set, "BA", mid_mjd), row(set, "GA", mid_mjd)});
}

TEST(Registry, ListsSetsWithTheirTables)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    add(session, "one", 61100.5);
    auto const sets = list_sets(session);
    ASSERT_EQ(sets.size(), 1U);
    EXPECT_EQ(sets[0].total, 3);
    EXPECT_EQ(sets[0].active, 3);
    EXPECT_EQ(sets[0].min_order, 10);
    EXPECT_EQ(sets[0].qa, "pass");
    auto const tables = show_set(session, "one");
    ASSERT_EQ(tables.size(), 3U);
    EXPECT_EQ(tables[1].table_type, "BA");
    EXPECT_EQ(tables[1].order_index, 20);
    EXPECT_EQ(tables[2].valid_end_mjd, 61101.0);
    EXPECT_EQ(code_of([&] { show_set(session, "two"); }), Code::input_missing);
}

TEST(Registry, SetsOfAnUnknownStripStandBehind)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto casa = row("casa", "BA", 61100.45);
    casa.dec_deg = std::numeric_limits<double>::quiet_NaN();
    register_tables(session, {casa});
    SetSearch search{61100.5, 54.6};
    auto const alone = choose_sets(session, search);
    ASSERT_TRUE(alone.before);
    ASSERT_EQ(alone.warnings.size(), 1U);
    EXPECT_NE(alone.warnings[0].find("declination"), std::string::npos);
    add(session, "one", 61100.3);
    auto const known = choose_sets(session, search);
    ASSERT_TRUE(known.before);
    EXPECT_EQ(known.before->set_name, "one");
    EXPECT_TRUE(known.warnings.empty());
    search.dec_deg = -20;
    EXPECT_EQ(choose_sets(session, search).before->set_name, "casa");  // of no strip that is known
}

TEST(Registry, ASetThatPassedWithAWarningSaysWhy)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    std::vector<CalTableRow> tables{row("one", "K", 61100.5), row("one", "BA", 61100.5), row("one", "GA", 61100.5)};
    for (auto& table : tables) table.qa = "warn";
    tables[1].quality_json = R"({"reasons": ["B: poor", "B: faint"]})";
    tables[2].quality_json = R"({"reasons": ["B: poor"]})";
    register_tables(session, tables);
    auto old = row("old", "BA", 61100.6);  // of a time that kept no reasons
    old.qa = "warn";
    register_tables(session, {old});
    EXPECT_EQ(choose_sets(session, {61100.55, 54.6}).warnings,
              (std::vector<std::string>{"set one passed its QA with a warning: B: poor; B: faint",
                                        "set old passed its QA with a warning"}));
}

TEST(Registry, NamesAndPathsAreUnique)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    add(session, "one", 61100.5);
    EXPECT_EQ(code_of([&] { add(session, "one", 61100.5); }), Code::bad_input);
    EXPECT_EQ(retire_set(session, "one", "snow"), 3);
    EXPECT_EQ(list_sets(session)[0].active, 0);
    EXPECT_EQ(show_set(session, "one")[0].notes, "snow");
    add(session, "one", 61100.6);  // a retired one gives way
    EXPECT_EQ(list_sets(session)[0].active, 3);
    register_tables(session, {row("one", "K", 61100.7), row("one", "BA", 61100.7), row("one", "GA", 61100.7)},
                    Existing::replace);
    EXPECT_NEAR(list_sets(session)[0].mid_mjd, 61100.7, 1e-9);
    auto here = row("two", "BA", 61100.8);
    here.group_id = "group";
    register_tables(session, {here});
    auto elsewhere = here;  // the same group, solved anew to another place
    elsewhere.path = "/other/two.h5#BA";
    EXPECT_EQ(code_of([&] { register_tables(session, {elsewhere}); }), Code::bad_input);
    register_tables(session, {elsewhere}, Existing::replace);
    ASSERT_EQ(active_tables(session, "two").size(), 1U);
    EXPECT_EQ(active_tables(session, "two")[0].path, elsewhere.path);
}

/// The same group solved into two places: the later one has the name, the earlier one can come back, and a person's word is kept.
TEST(Registry, WhatIsReplacedIsRetiredAndSaid)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto one = row("x", "BA", 61100.5);
    one.group_id = "group";
    auto other = one;
    other.path = "/other/x.h5#BA", other.file_path = "/other/x.h5";
    EXPECT_TRUE(lacks_solutions(session, one.file_path, one.xxh128));
    EXPECT_TRUE(register_tables(session, {one}, Existing::replace).empty());
    EXPECT_TRUE(register_tables(session, {one}, Existing::replace).empty()) << "in its own place";
    EXPECT_FALSE(lacks_solutions(session, one.file_path, one.xxh128));
    EXPECT_TRUE(lacks_solutions(session, one.file_path, "4567"));
    auto const gone = register_tables(session, {other}, Existing::replace);
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0], (GaveWay{"x", one.file_path, "x", other.file_path}));
    ASSERT_EQ(show_set(session, "x").size(), 2U);
    EXPECT_EQ(show_set(session, "x")[0].path, other.path) << "the active one first";
    EXPECT_EQ(show_set(session, "x")[1].status, "retired");
    EXPECT_EQ(choose_sets(session, {61100.5, 54.6}).before->active, 1);
    EXPECT_TRUE(lacks_solutions(session, one.file_path, one.xxh128));
    EXPECT_EQ(register_tables(session, {one}, Existing::replace).size(), 1U);
    EXPECT_EQ(active_tables(session, "x")[0].path, one.path);
    EXPECT_EQ(retire_set(session, "x", ""), 1);
    for (auto const& file : {one, other}) EXPECT_FALSE(lacks_solutions(session, file.file_path, file.xxh128));
    EXPECT_EQ(choose_sets(session, {61100.5, 54.6}).method, "none");
    register_tables(session, {other});  // by hand, in the place of what is retired
    EXPECT_EQ(active_tables(session, "x").size(), 1U);
}

/// Tables of CASA that were registered with a slash at their end are those without it.
TEST(Registry, ASlashIsNoOtherTable)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto old = row("x", "BA", 61100.5);
    old.path = old.file_path = "/cal/x.B/";
    register_tables(session, {old});
    EXPECT_EQ(tables_of_file(session, "/cal/x.B").size(), 1U);
    EXPECT_FALSE(lacks_solutions(session, "/cal/x.B", old.xxh128));
    auto again = old;
    again.set_name = "again";
    again.path = again.file_path = "/cal/x.B";
    EXPECT_EQ(code_of([&] { register_tables(session, {again}); }), Code::bad_input);
    EXPECT_EQ(register_tables(session, {again}, Existing::replace).size(), 1U);
    EXPECT_EQ(all_tables(session).size(), 1U);
}

/// Solutions that failed keep no name from those of their group that did not.
TEST(Registry, WhatFailedGivesWay)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto bad = row("x", "BA", 61100.5), good = bad;
    bad.group_id = good.group_id = "group";
    bad.status = "failed";
    bad.qa = "fail";
    good.path = "/good/x.h5#BA", good.file_path = "/good/x.h5";
    register_tables(session, {bad});
    EXPECT_TRUE(register_tables(session, {good}, Existing::replace).empty()) << "it was not active";
    EXPECT_EQ(active_tables(session, "x")[0].path, good.path);
    EXPECT_EQ(tables_of_file(session, bad.file_path)[0].status, "retired");
    EXPECT_FALSE(lacks_solutions(session, bad.file_path, bad.xxh128)) << "nobody registers it again";
    EXPECT_EQ(register_tables(session, {bad}, Existing::replace).size(), 1U) << "a person wants it so";
    EXPECT_TRUE(lacks_solutions(session, good.file_path, good.xxh128));
    register_tables(session, {good}, Existing::replace);
    EXPECT_EQ(active_tables(session, "x")[0].path, good.path);
    auto other = row("y", "BA", 61100.5);
    other.status = "failed";
    register_tables(session, {other});
    EXPECT_EQ(retire_set(session, "y", ""), 1);
    auto by_hand = row("y", "BA", 61100.5);
    by_hand.path = "/hand/y.h5#BA", by_hand.file_path = "/hand/y.h5";
    register_tables(session, {by_hand});
    EXPECT_EQ(active_tables(session, "y").size(), 1U);
}

TEST(Registry, AFileUnderAnotherNameLeavesNothingOfTheOldSet)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    add(session, "half", 61100.5);
    auto again = row("half", "BA", 61100.5);  // the file of set half, solved anew without K and G
    again.set_name = "half2";
    EXPECT_EQ(code_of([&] { register_tables(session, {again}); }), Code::bad_input);
    auto const gone = register_tables(session, {again}, Existing::replace);
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0], (GaveWay{"half", again.file_path, "half2", again.file_path}));
    EXPECT_EQ(list_sets(session).size(), 1U);
    EXPECT_EQ(all_tables(session).size(), 1U);
}

TEST(Registry, FindsTheSetsBeforeAndAfter)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    add(session, "early", 61100.1);
    add(session, "before", 61100.4);
    add(session, "after", 61100.6);
    auto const middle = choose_sets(session, {61100.5, 54.0});
    EXPECT_EQ(middle.method, "interpolated");
    EXPECT_NEAR(middle.weight_before, 0.5, 1e-6);
    EXPECT_EQ(middle.before->set_name, "before");
    EXPECT_EQ(middle.after->set_name, "after");
    auto const last = choose_sets(session, {61100.95, 54.0});
    EXPECT_EQ(last.method, "nearest");
    EXPECT_EQ(last.before->set_name, "after");
    EXPECT_EQ(last.weight_before, 1);
    EXPECT_EQ(last.warnings.size(), 1U);
    EXPECT_EQ(choose_sets(session, {61100.5, 40.0}).method, "none");  // another strip
    EXPECT_EQ(choose_sets(session, {61101.2, 54.6}).method, "none");  // too far
    EXPECT_EQ(choose_sets(session, {61101.2, 40, 2.5, 0.5, SetDemand::nearest}).before->set_name, "after");
    SetSearch apart{61100.52, 54.0};
    apart.least_gap_days = 0.3;
    auto const one = choose_sets(session, apart);  // before and after are 0.2 days apart
    EXPECT_EQ(one.method, "nearest");
    EXPECT_FALSE(one.before);
    EXPECT_EQ(one.after->set_name, "after");
    apart.least_gap_days = 0.1;
    EXPECT_EQ(choose_sets(session, apart).method, "interpolated");
    retire_set(session, "after", "");
    EXPECT_EQ(choose_sets(session, {61100.5, 54.0}).method, "nearest");
}

TEST(Registry, HoldsOnlyWhileValidAndGood)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto expired = row("expired", "BA", 61100.4), bad = row("bad", "BA", 61100.45), open = row("open", "BA", 61100.3);
    expired.valid_end_mjd = 61100.45;
    bad.qa = "fail";
    bad.status = "failed";
    open.valid_start_mjd = open.valid_end_mjd = std::numeric_limits<double>::quiet_NaN();
    for (auto const& one : {expired, bad, open}) register_tables(session, {one});
    EXPECT_EQ(choose_sets(session, {61100.5, 54.6}).before->set_name, "open");
    EXPECT_TRUE(std::isnan(show_set(session, "open")[0].valid_end_mjd));
}

/// A set that the firewall would refuse takes no place of one that fits; where none fits, the firewall says why.
TEST(Registry, SetsOfOtherDataStandBehind)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const of = [&](std::string const& set, double mid_mjd, std::string const& preprocessing) {
        auto one = row(set, "BA", mid_mjd);
        one.preprocessing = preprocessing;
        register_tables(session, {one});
    };
    of("ours", 61100.3, "meridian, 12.885 s, 244141 Hz");
    of("near", 61100.4, "meridian, 12.885 s, 122070 Hz");
    SetSearch search{61100.5, 54.6};
    EXPECT_EQ(choose_sets(session, search).before->set_name, "near");
    search.fits = [](SetRow const& set) { return set.preprocessing.find("244141") != std::string::npos; };
    EXPECT_EQ(choose_sets(session, search).before->set_name, "ours");
    search.fits = [](SetRow const&) { return false; };
    EXPECT_EQ(choose_sets(session, search).before->set_name, "near");
    retire_set(session, "near", "");
    int asked = 0;
    search.fits = [&](SetRow const&) { return ++asked > 0; };
    EXPECT_EQ(choose_sets(session, search).before->set_name, "ours");
    EXPECT_EQ(asked, 0) << "where all sets are of the same data, nobody looks at files";
}

void add_ours(Session& session, std::string const& set, double mid_mjd, std::vector<std::string> const& types)
{
    std::vector<CalTableRow> rows;
    for (auto const& type : types) {
        rows.push_back(row(set, type, mid_mjd));
        rows.back().preprocessing = "meridian, 12.885 s, 244141 Hz";
    }
    register_tables(session, rows);
}

TEST(Registry, GainsAloneStandBehindSetsWithABandpass)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    add_ours(session, "before", 61100.3, {"BA", "GA"});
    add_ours(session, "after", 61100.7, {"BA", "GA"});
    add_ours(session, "gains", 61100.55, {"GA"});
    add_ours(session, "delays", 61100.46, {"K", "GA"});
    auto const both = choose_sets(session, {61100.5, 54.6});
    EXPECT_EQ(both.before->set_name, "before");
    EXPECT_EQ(both.after->set_name, "after");
    ASSERT_EQ(both.warnings.size(), 2U);
    EXPECT_NE(both.warnings[0].find("set delays is passed over: it has no bandpass"), std::string::npos);
    retire_set(session, "before", "");
    retire_set(session, "after", "");
    auto const second = choose_sets(session, {61100.5, 54.6});
    EXPECT_EQ(second.method, "nearest");
    EXPECT_EQ(second.before->set_name, "delays");
    ASSERT_EQ(second.warnings.size(), 2U);
    EXPECT_NE(second.warnings[0].find("no bandpass"), std::string::npos);
    EXPECT_NE(second.warnings[1].find("set gains is passed over: it has no delays"), std::string::npos);
}

/// A set far away takes no place of nearer ones because it has delays; only the two that are interpolated are of one kind.
TEST(Registry, DelaysFarAwayDoNotDisplaceNearerSets)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    add_ours(session, "early", 61100.27, {"K", "BA", "GA"});
    add_ours(session, "before", 61100.49, {"BA", "GA"});
    add_ours(session, "after", 61100.51, {"BA", "GA"});
    auto const around = choose_sets(session, {61100.5, 54.6});
    EXPECT_EQ(around.method, "interpolated");
    EXPECT_EQ(around.before->set_name, "before");
    EXPECT_EQ(around.after->set_name, "after");
    EXPECT_TRUE(around.warnings.empty());
    add_ours(session, "nearer", 61100.496, {"K", "BA", "GA"});
    auto const alone = choose_sets(session, {61100.5, 54.6});
    EXPECT_EQ(alone.method, "nearest");
    EXPECT_EQ(alone.before->set_name, "nearer");
    ASSERT_EQ(alone.warnings.size(), 1U);
    EXPECT_EQ(alone.warnings[0], "set after is passed over: it has no delays, and set nearer has");
    add_ours(session, "late", 61100.7, {"K", "BA", "GA"});
    auto const of_kind = choose_sets(session, {61100.5, 54.6});
    EXPECT_EQ(of_kind.method, "interpolated");
    EXPECT_EQ(of_kind.after->set_name, "late");
    EXPECT_EQ(of_kind.warnings.size(), 1U);
}

/// Sets that do not fit are forced only where none fits.
TEST(Registry, ForceDoesNotPreferTheWrong)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    add(session, "right", 61100.4);
    auto wrong = row("wrong", "BA", 61100.49);
    wrong.dec_deg = 16;
    register_tables(session, {wrong});
    SetSearch search{61100.5, 54.6};
    search.demand = SetDemand::nearest;
    EXPECT_EQ(choose_sets(session, search).before->set_name, "right");
    EXPECT_FALSE(choose_sets(session, search).after);
    retire_set(session, "right", "");
    EXPECT_EQ(choose_sets(session, search).before->set_name, "wrong");
}

TEST(Registry, OfOneMomentTheNewestIsTaken)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto newer = row("newer", "BA", 61100.4), older = row("older", "BA", 61100.4);
    newer.created_s = 2000;
    older.created_s = 1000;
    register_tables(session, {newer});
    register_tables(session, {older});
    EXPECT_EQ(choose_sets(session, {61100.5, 54.6}).before->set_name, "newer");
}

}  // namespace
}  // namespace nocturne::db::test
