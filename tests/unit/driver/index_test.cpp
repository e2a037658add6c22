// Scans of real directories: copies of one small UVH5 file under the names of DSA-110's correlator.
#include "index_scene.hpp"

#include <algorithm>
#include <fstream>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

class Index : public test::IndexScene {};

TEST_F(Index, a_complete_group_is_pending)
{
    put_group(stamp_);
    auto const report = scan();
    EXPECT_EQ(report.group_ids, std::vector<std::string>{stamp_});
    EXPECT_EQ(report.files, 16u);
    EXPECT_EQ(report.counts.new_files, 16);
    EXPECT_EQ(report.exit_code(), 0);
    EXPECT_EQ(group(stamp_).state, db::QueueState::pending);
    EXPECT_TRUE(group(stamp_).missing.empty());
    EXPECT_EQ(group(stamp_).path, (root_ / "in").string());
    auto const files = db::files_of(*session_, stamp_);
    ASSERT_EQ(files.size(), 16u);
    for (auto const& file : files) EXPECT_EQ(file.xxh128.size(), 32u);
}

TEST_F(Index, a_rescan_changes_and_reads_nothing)
{
    put_group(stamp_, 3);
    scan();
    auto const before = row(root_ / "in" / subband_file_name(stamp_, 1));
    auto const again = scan();
    EXPECT_EQ(again.counts.new_files + again.counts.updated_files, 0);
    EXPECT_EQ(again.files, 3u);
    EXPECT_EQ(row(before.path).xxh128, before.xxh128);
}

TEST_F(Index, jitter_makes_one_group_named_by_sb00)
{
    for (int i = 0; i < 16; ++i) put("2026-03-01T05:00:" + std::to_string(10 + 3 * (i % 5)), i);
    auto const report = scan();
    EXPECT_EQ(report.group_ids, std::vector<std::string>{"2026-03-01T05:00:10"});
}

TEST_F(Index, a_waiting_group_takes_the_name_of_sb00_when_it_comes)
{
    for (int i = 1; i < 16; ++i) put("2026-03-01T05:00:07", i);
    scan();
    EXPECT_EQ(group("2026-03-01T05:00:07").state, db::QueueState::collecting);
    put("2026-03-01T05:00:03", 0);
    auto const report = scan();
    EXPECT_EQ(report.group_ids, std::vector<std::string>{"2026-03-01T05:00:03"});
    EXPECT_EQ(db::list_groups(*session_).size(), 1u);
    EXPECT_EQ(group("2026-03-01T05:00:03").state, db::QueueState::pending);
}

TEST_F(Index, a_partial_group_waits_and_then_is_ready)
{
    put_group(stamp_, 15);
    scan();
    EXPECT_EQ(group(stamp_).state, db::QueueState::collecting);
    EXPECT_EQ(group(stamp_).missing, std::vector<int>{15});
    ScanOptions now;
    now.partial_after_s = 0;
    scan(now);
    EXPECT_EQ(group(stamp_).state, db::QueueState::pending);
    now.min_subbands = 16;
    scan(now);
    EXPECT_EQ(group(stamp_).state, db::QueueState::collecting);
}

TEST_F(Index, a_truncated_file_is_rejected_and_fails_its_group)
{
    put_group(stamp_);
    auto const bad = root_ / "in" / subband_file_name(stamp_, 3);
    cut(bad);
    auto const report = scan();
    EXPECT_EQ(report.exit_code(), 65);
    ASSERT_EQ(report.rejected.size(), 1u);
    EXPECT_EQ(report.rejected[0].path, bad.string());
    EXPECT_EQ(row(bad).status, db::FileStatus::rejected);
    EXPECT_FALSE(row(bad).reason.empty());
    EXPECT_EQ(group(stamp_).state, db::QueueState::failed);
    EXPECT_NE(group(stamp_).error.find(bad.string()), std::string::npos);
    EXPECT_EQ(group(stamp_).error_code, 65);

    put(stamp_, 3);
    EXPECT_EQ(scan().exit_code(), 0);
    EXPECT_EQ(group(stamp_).state, db::QueueState::pending);
    cut(bad);
    scan();
    fs::remove(bad);
    ScanOptions now;
    now.partial_after_s = 0;
    EXPECT_EQ(scan(now).exit_code(), 0);
    EXPECT_EQ(group(stamp_).state, db::QueueState::pending);
    EXPECT_EQ(group(stamp_).n_subbands, 15);
    EXPECT_EQ(row(bad).status, db::FileStatus::missing);
}

TEST_F(Index, empty_and_alien_files_with_our_names_are_rejected)
{
    std::ofstream(root_ / "in" / subband_file_name(stamp_, 0)).flush();
    std::ofstream(root_ / "in" / subband_file_name(stamp_, 1)) << "no HDF5";
    auto const report = scan();
    EXPECT_EQ(report.rejected.size(), 2u);
    EXPECT_EQ(report.exit_code(), 65);
}

TEST_F(Index, a_duplicate_in_another_directory_supersedes_and_is_not_lost)
{
    put_group(stamp_);
    scan();
    auto const copy = put(stamp_, 4, "late");
    age(copy, 10);
    auto const report = scan({}, "late");
    EXPECT_EQ(report.files, 1u);
    auto const files = db::files_of(*session_, stamp_);
    ASSERT_EQ(files.size(), 16u);
    EXPECT_EQ(files[4].path, copy.string());
    auto const old = root_ / "in" / subband_file_name(stamp_, 4);
    EXPECT_EQ(row(old).status, db::FileStatus::superseded);
    EXPECT_EQ(row(old).reason, "superseded by " + copy.string());
    auto const again = scan();
    EXPECT_EQ(again.superseded.size(), 1u);
    EXPECT_EQ(again.files, 15u);
    EXPECT_EQ(again.counts.updated_files, 0);

    fs::remove_all(root_ / "late");  // without it, the first one serves again
    scan();
    EXPECT_EQ(db::files_of(*session_, stamp_)[4].path, old.string());
    EXPECT_EQ(row(copy).status, db::FileStatus::missing);
}

TEST_F(Index, a_scan_for_a_run_looks_no_further_than_its_directory)
{
    ScanOptions own;
    own.reach = Reach::directory;
    for (int i = 0; i < 16; ++i) {
        put(stamp_, i, "a");
        auto const other = put(stamp_, i, "b");
        std::ofstream(other, std::ios::app) << "another observation";
        age(other, 10);
    }
    auto const paths_in = [&](char const* directory) {
        return std::all_of(own_files_.begin(), own_files_.end(), [&](db::InputFile const& file) {
            return fs::path(file.path).parent_path() == root_ / directory;
        });
    };
    for (char const* directory : {"a", "b", "a"}) {
        auto const report = scan(own, directory);
        EXPECT_EQ(report.group_ids, std::vector<std::string>{stamp_});
        EXPECT_EQ(report.files, 16u);
        own_files_ = db::files_of(*session_, stamp_);
        EXPECT_EQ(own_files_.size(), 16u);
        EXPECT_TRUE(paths_in(directory)) << directory;
    }
    fs::remove_all(root_ / "b");
    fs::create_directory(root_ / "b");
    scan(own, "b");
    EXPECT_EQ(db::files_of(*session_, stamp_).size(), 16u) << "b has lost its copy, the group lives in a";
}

TEST_F(Index, files_outside_of_the_pattern_stay_what_they_were)
{
    put_group(stamp_);
    scan();
    ScanOptions few;
    few.pattern = "*_sb0?.hdf5";
    auto const report = scan(few);
    EXPECT_EQ(report.files, 10u);
    EXPECT_TRUE(report.foreign.empty());
    EXPECT_EQ(group(stamp_).state, db::QueueState::pending);
    EXPECT_EQ(group(stamp_).n_subbands, 16);
    EXPECT_EQ(db::files_of(*session_, stamp_).size(), 16u);
    auto const unknown = put("2026-03-01T06:00:00", 11);
    EXPECT_TRUE(scan(few).foreign.empty());
    EXPECT_FALSE(db::find_file(*session_, unknown.string())) << "nobody looked at it";
}

TEST_F(Index, foreign_files_are_named_and_unfinished_ones_skipped)
{
    put_group(stamp_);
    std::ofstream(root_ / "in/truth.json") << "{}";
    std::ofstream(root_ / "in/.hidden") << "x";
    auto const unfinished = root_ / "in" / "2026-03-01T05:05:09_sb00_incomplete.hdf5";
    fs::copy_file(golden(), unfinished);
    auto const report = scan();
    EXPECT_EQ(report.foreign, std::vector<std::string>{(root_ / "in/truth.json").string()});
    ASSERT_EQ(report.skipped.size(), 1u);
    EXPECT_EQ(report.skipped[0].path, unfinished.string());
    EXPECT_EQ(report.exit_code(), 0);
    EXPECT_EQ(group("2026-03-01T05:05:09").n_subbands, 0);
    EXPECT_EQ(group("2026-03-01T05:05:09").state, db::QueueState::collecting);
}

TEST_F(Index, uvh5_files_of_other_names_are_groups_of_one)
{
    fs::copy_file(golden(), root_ / "in/zen.2458661.uvh5");
    auto const report = scan();
    EXPECT_EQ(report.group_ids, std::vector<std::string>{"zen.2458661"});
    EXPECT_EQ(group("zen.2458661").state, db::QueueState::pending);
    EXPECT_EQ(group("zen.2458661").expected_subbands, 1);
    EXPECT_EQ(scan().group_ids, report.group_ids);
    fs::create_directory(root_ / "other");
    fs::copy_file(golden(), root_ / "other/zen.2458661.uvh5");
    auto const other = scan({}, "other").group_ids;
    ASSERT_EQ(other.size(), 1u);
    EXPECT_NE(other[0], "zen.2458661");
    EXPECT_EQ(other[0].rfind("zen.2458661-", 0), 0u);
    EXPECT_EQ(scan({}, "other").group_ids, other);
}

TEST_F(Index, a_file_that_disagrees_with_the_others_is_rejected)
{
    put_group(stamp_, 4);
    auto const odd = root_ / "in" / subband_file_name(stamp_, 4);
    fs::copy_file(fs::path(NOCTURNE_SOURCE_DIR) / "tests/golden/uvh5/ata_3c286.uvh5", odd);
    ScanOptions five;
    five.expected_subbands = 5;
    auto const report = scan(five);
    ASSERT_EQ(report.rejected.size(), 1u);
    EXPECT_EQ(report.rejected[0].path, odd.string());
    EXPECT_NE(report.rejected[0].reason.find("most others"), std::string::npos) << report.rejected[0].reason;
}

TEST_F(Index, a_newer_file_that_disagrees_does_not_displace_a_good_one)
{
    put_group(stamp_);
    auto const good = root_ / "in" / subband_file_name(stamp_, 2);
    fs::create_directories(root_ / "late");
    auto const odd = root_ / "late" / subband_file_name(stamp_, 2);
    fs::copy_file(fs::path(NOCTURNE_SOURCE_DIR) / "tests/golden/uvh5/ata_3c286.uvh5", odd);
    age(odd, 10);
    scan();
    for (auto const* directory : {"late", "in"}) {
        scan({}, directory);
        EXPECT_EQ(group(stamp_).state, db::QueueState::pending) << group(stamp_).error;
        EXPECT_EQ(row(good).status, db::FileStatus::present) << row(good).reason;
        EXPECT_EQ(db::files_of(*session_, stamp_)[2].path, good.string());
        EXPECT_EQ(db::files_of(*session_, stamp_).size(), 16u);
    }
    EXPECT_EQ(scan({}, "late").rejected.size(), 1u);
}

TEST_F(Index, an_index_beyond_the_expected_is_rejected)
{
    put_group(stamp_, 3);
    ScanOptions two;
    two.expected_subbands = 2;
    auto const report = scan(two);
    ASSERT_EQ(report.rejected.size(), 1u);
    EXPECT_EQ(group(stamp_).state, db::QueueState::pending);
    EXPECT_EQ(scan().rejected.size(), 0u);
}

TEST_F(Index, hashes_follow_the_option)
{
    put_group(stamp_, 1);
    auto const path = root_ / "in" / subband_file_name(stamp_, 0);
    ScanOptions off;
    off.hashing = Hashing::off;
    scan(off);
    EXPECT_EQ(row(path).xxh128, "");
    scan();
    auto const hash = row(path).xxh128;
    EXPECT_EQ(hash.size(), 32u);
    // A flipped byte under an unchanged size and time is found by hashing all only.
    auto const time = fs::last_write_time(path);
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(-1, std::ios::end).put('x');
    fs::last_write_time(path, time);
    scan();
    EXPECT_EQ(row(path).xxh128, hash);
    ScanOptions all;
    all.hashing = Hashing::all;
    scan(all);
    EXPECT_NE(row(path).xxh128, hash);
}

TEST_F(Index, new_files_may_wait_for_their_hash_but_what_may_be_a_copy_does_not)
{
    put_group(stamp_, 2);
    auto const path = root_ / "in" / subband_file_name(stamp_, 0);
    ScanOptions later;
    later.hashing = Hashing::later;
    scan(later);
    EXPECT_EQ(row(path).xxh128, "");
    auto file = row(path);
    db::record_hashes(*session_, {{0, file.path, std::string(32, '1'), file.bytes}});
    scan(later);
    EXPECT_EQ(row(path).xxh128, std::string(32, '1'));
    fs::create_directories(root_ / "copy");
    auto const copy = root_ / "copy" / subband_file_name(stamp_, 0);
    fs::copy_file(path, copy);
    scan_directory((root_ / "copy").string(), later, *session_);
    EXPECT_EQ(row(copy).xxh128.size(), 32u);
}

TEST_F(Index, two_nights_are_two_groups_and_directories_may_vanish)
{
    put_group(stamp_, 2);
    for (int i = 0; i < 2; ++i) put("2026-03-02T05:00:00", i);
    EXPECT_EQ(scan().group_ids.size(), 2u);
    for (int i = 0; i < 2; ++i) fs::remove(root_ / "in" / subband_file_name(stamp_, i));
    auto const report = scan();
    EXPECT_EQ(report.group_ids, std::vector<std::string>{"2026-03-02T05:00:00"});
    EXPECT_EQ(report.missing.size(), 2u);
    EXPECT_EQ(group(stamp_).n_subbands, 0);
    EXPECT_EQ(group(stamp_).state, db::QueueState::collecting);
}

TEST_F(Index, the_database_is_no_foreign_file)
{
    put_group(stamp_, 1);
    auto session = db::Session::open((root_ / "in/own.sqlite").string());
    auto const report = scan_directory((root_ / "in").string(), {}, session);
    EXPECT_TRUE(report.foreign.empty());
}

TEST_F(Index, a_directory_that_is_not_there)
{
    try {
        scan({}, "nowhere");
        FAIL();
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::input_missing);
        EXPECT_NE(std::string(error.what()).find("nowhere"), std::string::npos);
    }
}

}  // namespace
}  // namespace nocturne
