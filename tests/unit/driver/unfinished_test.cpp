// Files that arrive while a directory is scanned.
#include "index_scene.hpp"

#include <atomic>
#include <fstream>
#include <thread>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

class Unfinished : public test::IndexScene {};

TEST_F(Unfinished, a_bad_file_that_changed_just_now_may_be_taken_for_unfinished)
{
    put_group(stamp_);
    auto const late = root_ / "in" / subband_file_name(stamp_, 3);
    cut(late);
    ScanOptions patient;
    patient.unfinished_s = 600;
    patient.partial_after_s = 0;
    auto const report = scan(patient);
    EXPECT_EQ(report.exit_code(), 0);
    EXPECT_EQ(report.skipped.size(), 1u);
    EXPECT_EQ(row(late).status, db::FileStatus::skipped);
    EXPECT_EQ(group(stamp_).state, db::QueueState::collecting);
    EXPECT_EQ(report.arriving.count(stamp_), 1u);
    EXPECT_EQ(scan(patient).counts.updated_files, 0);
    put(stamp_, 3);
    EXPECT_TRUE(scan(patient).arriving.empty());
    EXPECT_EQ(group(stamp_).state, db::QueueState::pending);
    cut(late);
    age(late, -700);
    EXPECT_EQ(scan(patient).exit_code(), 65);
    EXPECT_EQ(group(stamp_).state, db::QueueState::failed);
}

TEST_F(Unfinished, a_file_that_grows_is_no_damaged_one)
{
    put_group(stamp_);
    auto const late = root_ / "in" / subband_file_name(stamp_, 3);
    cut(late);
    ScanOptions now;
    now.partial_after_s = 0;
    std::atomic<bool> done = false;
    std::thread writer([&] {
        for (std::size_t bytes = 1000; !done && bytes < 6000; bytes += 10) {
            cut(late, bytes);
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    });
    auto const report = scan(now);
    done = true;
    writer.join();
    EXPECT_EQ(report.exit_code(), 0);
    EXPECT_EQ(row(late).status, db::FileStatus::skipped) << row(late).reason;
    EXPECT_EQ(group(stamp_).state, db::QueueState::collecting) << "15 would do, and the sixteenth is coming";
    EXPECT_EQ(scan(now).exit_code(), 65) << "it rests, and is bad";
}

TEST_F(Unfinished, a_file_that_was_indexed_while_it_was_written_is_taken_as_it_is_in_the_end)
{
    put_group(stamp_);
    auto const path = root_ / "in" / subband_file_name(stamp_, 3);
    auto const grow = [&](char byte, int seconds) {  // at its full size from the start
        std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(-1, std::ios::end).put(byte);
        age(path, seconds);
    };
    scan();
    auto const half = row(path).xxh128;
    grow('x', 2);
    EXPECT_EQ(scan().exit_code(), 0);
    EXPECT_NE(row(path).xxh128, half);
    EXPECT_EQ(group(stamp_).state, db::QueueState::pending);
    age(path, -3600);  // it rested for long when it was indexed
    scan();
    grow('y', 0);
    EXPECT_EQ(scan().exit_code(), 65);
    EXPECT_NE(row(path).reason.find("its content changed"), std::string::npos) << row(path).reason;
}

}  // namespace
}  // namespace nocturne
