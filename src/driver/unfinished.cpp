#include "driver/unfinished.hpp"

#include "io/uvh5_files.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace nocturne {
namespace {

using db::FileRow;
using db::FileStatus;

constexpr double young_s = 60;  ///< who writes pauses no longer
constexpr auto watch = std::chrono::seconds(1);

/// Rows of files that could not be read; one whose content is refused has a checksum.
bool is_unreadable(FileRow const& row)
{
    std::error_code odd;
    return row.status == FileStatus::rejected && row.xxh128.empty() && std::filesystem::is_regular_file(row.path, odd);
}

bool same_stamp(FileRow const& a, FileRow const& b) { return a.bytes == b.bytes && a.modified_s == b.modified_s; }

/// Opened, as a network file system then asks its server.
bool changed_since(FileRow const& row)
{
    int const opened = open(row.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (opened >= 0) close(opened);
    auto const now = stat_uvh5(row.path);
    return static_cast<std::int64_t>(now.bytes) != row.bytes || now.modified_s != row.modified_s;
}

void skip(FileRow& row, std::string const& why)
{
    row.status = FileStatus::skipped;
    row.reason = "it is still being written: " + why + " (" + row.reason + ")";
}

/// A name says so itself otherwise.
bool is_being_written(FileRow const& row) { return row.status == FileStatus::skipped && !is_incomplete_name(row.path); }

}  // namespace

void skip_unfinished(std::vector<FileRow>& rows, std::map<std::string, FileRow> const& before, double unfinished_s)
{
    double const now = db::now_unix_s();
    std::vector<FileRow*> watched;
    for (auto& row : rows) {
        double const age_s = now - row.modified_s;
        if (!is_unreadable(row)) continue;
        auto const old = before.find(row.path);
        bool const stood = old != before.end() && same_stamp(old->second, row);
        if (age_s < unfinished_s)
            skip(row, "it changed less than " + std::to_string(std::lround(unfinished_s)) + " s ago");
        else if (age_s < young_s && !stood)
            watched.push_back(&row);
    }
    if (watched.empty()) return;
    std::this_thread::sleep_for(watch);
    for (auto* row : watched)
        if (changed_since(*row)) skip(*row, "it changes while it is looked at");
}

bool judge_group(db::ScannedGroup& group, std::vector<FileRow const*> const& chosen,
                 std::vector<FileRow const*> const& others, ScanOptions const& options)
{
    auto& row = group.row;
    double newest_s = 0;
    bool arriving = false;
    for (auto const* list : {&chosen, &others})
        for (auto const* file : *list) newest_s = std::max(newest_s, file->modified_s);
    for (auto const* file : others) {
        if (std::count(row.missing.begin(), row.missing.end(), file->subband_idx.value_or(-1)) == 0) continue;
        arriving = arriving || is_being_written(*file);
        if (file->status != FileStatus::rejected) continue;
        row.state = db::QueueState::failed;
        row.error = "file " + file->path + ": " + file->reason;
        row.error_stage = db::scan_stage;
        row.error_code = exit_code(Code::bad_input);
        return false;
    }
    group.enough = row.n_subbands >= std::min(options.min_subbands, row.expected_subbands);
    if (row.missing.empty()) {
        row.state = db::QueueState::pending;
        return false;
    }
    arriving = arriving || db::now_unix_s() - newest_s < options.partial_after_s;
    row.state = group.enough && !arriving ? db::QueueState::pending : db::QueueState::collecting;
    return arriving;
}

}  // namespace nocturne
