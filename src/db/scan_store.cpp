// Stores what a scan found. Enters: file rows and groups. Leaves: hdf5_files, ingest_queue and subband_files, in one
// transaction.
#include "db/files.hpp"
#include "db/query.hpp"
#include "db/runs.hpp"
#include "nocturne/check.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace nocturne::db {
namespace {

/// A checksum that was not known before changes nothing where the time is the same.
bool same_inputs(std::vector<InputFile> const& before, std::vector<InputFile> const& now)
{
    return std::equal(before.begin(), before.end(), now.begin(), now.end(), [](InputFile const& x, InputFile const& y) {
        bool const first_known = x.xxh128.empty() && x.modified_s == y.modified_s;
        return x.subband_idx == y.subband_idx && x.path == y.path && x.bytes == y.bytes &&
               (x.xxh128 == y.xxh128 || first_known);
    });
}

/// True where `now` holds a file that `before` did not: taking raw files away does not undo finished work.
bool gained_files(std::vector<InputFile> const& before, std::vector<InputFile> const& now)
{
    return std::any_of(now.begin(), now.end(), [&](InputFile const& file) {
        return std::none_of(before.begin(), before.end(), [&](InputFile const& old) {
            return old.subband_idx == file.subband_idx && old.bytes == file.bytes &&
                   (old.xxh128 == file.xxh128 || old.xxh128.empty()) && (old.path == file.path || !file.xxh128.empty());
        });
    });
}

/// True where a result was made of these files, and maybe of more.
bool has_result(Session& session, std::string const& group_id, std::vector<InputFile> const& files)
{
    std::vector<std::string> runs;
    {
        Query query(session, "SELECT run_id FROM group_runs WHERE group_id = :id AND status = 'COMPLETED'");
        query.bind(group_id);
        auto& id = query.text();
        while (query.fetch()) runs.push_back(id.get());
    }
    return std::any_of(runs.begin(), runs.end(),
                       [&](std::string const& run_id) { return made_of(session, run_id, group_id, files); });
}

struct Change {
    bool any = false, gained = false;
};

/// The state after a scan: work in progress is never disturbed, finished work only where files were added or replaced, and what is ready stays so while
/// its files are the same, and enough.
QueueState next_state(GroupRow const& before, ScannedGroup const& scanned, Change const& change)
{
    auto const& found = scanned.row;
    using enum QueueState;
    switch (before.state) {
        case in_progress:
            return in_progress;
        case completed:
            if (found.state == failed) return change.any ? failed : completed;
            return change.gained ? found.state : completed;
        case failed:
            return change.any || (failed_by_scan(before) && !settled_by_hand(before)) ? found.state : failed;
        case pending:  // a run may be about to take it: another scan's patience with the same files takes nothing back
            return found.state == collecting && !change.any && scanned.enough ? pending : found.state;
        default:
            return found.state;
    }
}

void insert_group(Session& session, GroupRow const& row)
{
    double const now = now_unix_s();
    Query(session,
          "INSERT INTO ingest_queue (group_id, state, processing_stage, received_at, last_update, expected_subbands, "
          "n_subbands, missing, start_mjd, end_mjd, chunk_minutes, path, error, error_stage, error_code) VALUES (:id, "
          ":state, :stage, :received, :updated, :expected, :n, :missing, :start, :end, :chunk, :path, :error, :where, "
          ":code)")
        .bind(row.group_id)
        .bind(name(row.state))
        .bind(name(row.state))
        .bind(now)
        .bind(now)
        .bind(row.expected_subbands)
        .bind(row.n_subbands)
        .bind(nlohmann::json(row.missing).dump())
        .bind(row.start_mjd)
        .bind(row.end_mjd)
        .bind(row.start_mjd && row.end_mjd ? std::optional(1440.0 * (*row.end_mjd - *row.start_mjd)) : std::nullopt)
        .bind_text_or_null(row.path)
        .bind_text_or_null(row.error)
        .bind_text_or_null(row.error_stage)
        .bind(row.error_code)
        .run();
}

/// `unsettled`: a failed group that a person had settled fails anew.
void update_group(Session& session, GroupRow const& before, GroupRow const& row, QueueState state, bool unsettled)
{
    bool const moved = state != before.state;
    NOCT_CHECK(!moved || legal(before.state, state), "a scan moves a group against the rules");
    auto const& error = moved || state == QueueState::failed ? row : before;
    Query(session,
          "UPDATE ingest_queue SET state = :state, processing_stage = :stage, last_update = :updated, "
          "expected_subbands = :expected, n_subbands = :n, missing = :missing, start_mjd = :start, end_mjd = :end, "
          "path = :path, error = :error, error_stage = :where, error_code = :code WHERE group_id = :id AND state = "
          ":before")
        .bind(name(state))
        .bind(moved || unsettled ? name(state) : before.stage)
        .bind(now_unix_s())
        .bind(row.expected_subbands)
        .bind(row.n_subbands)
        .bind(nlohmann::json(row.missing).dump())
        .bind(row.start_mjd)
        .bind(row.end_mjd)
        .bind_text_or_null(row.path)
        .bind_text_or_null(error.error)
        .bind_text_or_null(error.error_stage)
        .bind(error.error_code)
        .bind(row.group_id)
        .bind(name(before.state))
        .run();
}

bool same_group(GroupRow const& a, GroupRow const& b)
{
    return a.expected_subbands == b.expected_subbands && a.n_subbands == b.n_subbands && a.missing == b.missing &&
           a.start_mjd == b.start_mjd && a.end_mjd == b.end_mjd && a.path == b.path &&
           (b.state != QueueState::failed || a.error == b.error);
}

void replace_files(Session& session, ScannedGroup const& group)
{
    Query(session, "DELETE FROM subband_files WHERE group_id = :id").bind(group.row.group_id).run();
    for (auto const& file : group.files) {
        Query(session, "DELETE FROM subband_files WHERE path = :path").bind(file.path).run();
        Query(session, "INSERT INTO subband_files (group_id, subband_idx, path) VALUES (:id, :idx, :path)")
            .bind(group.row.group_id)
            .bind(file.subband_idx)
            .bind(file.path)
            .run();
    }
}

/// Another run may have read the files since this scan looked at them: what it found out is kept.
void keep_checksums(std::vector<InputFile>& files, std::map<std::string, FileRow> const& known)
{
    for (auto& file : files) {
        auto const row = known.find(file.path);
        if (file.xxh128.empty() && row != known.end() && row->second.bytes == file.bytes &&
            row->second.modified_s == file.modified_s)
            file.xxh128 = row->second.xxh128;
    }
}

/// `facts`: as they stood before; null = nobody knew the group.
void store_group(Session& session, ScannedGroup const& group, GroupFacts const* facts, ScanCounts& counts)
{
    auto const had = facts ? facts->files : std::vector<InputFile>{};  // with the checksums of before
    auto const* before = facts ? &facts->row : nullptr;
    Change change{!same_inputs(had, group.files), gained_files(had, group.files)};
    change.gained = change.gained && !has_result(session, group.row.group_id, group.files);
    if (!before) {
        insert_group(session, group.row);
        ++counts.new_groups;
    } else {
        auto const state = next_state(*before, group, change);
        bool const finished = before->state == QueueState::completed || before->state == QueueState::failed;
        if (state != before->state && finished) ++counts.reopened_groups;
        auto row = group.row;
        bool const settled = settled_by_hand(*before) && !change.any;
        bool const unsettled = settled_by_hand(*before) && change.any;
        if (state == QueueState::failed && (settled || group.row.state != QueueState::failed)) {
            row.error = before->error;
            row.error_stage = before->error_stage;
            row.error_code = before->error_code;
        }
        if (state != before->state || change.any || !same_group(*before, row))
            update_group(session, *before, row, state, unsettled);
    }
    if (change.any) replace_files(session, group);
}

}  // namespace

ScanCounts store_scan(Session& session, std::vector<FileRow> const& files, std::vector<ScannedGroup> const& groups)
{
    return transact(session, [&] {
        ScanCounts counts;
        hold(session, Matter::scan);
        std::set<std::string> names;  // locked in one order
        for (auto const& group : groups) names.insert(group.row.group_id);
        hold_groups(session, {names.begin(), names.end()});
        auto const before = facts_of(session, {names.begin(), names.end()});
        std::vector<std::string> paths;
        for (auto const& file : files) paths.push_back(file.path);
        auto const known = files_named(session, paths);
        for (auto const& file : files) {
            auto const row = known.find(file.path);
            auto const change = store_file(session, row == known.end() ? nullptr : &row->second, file);
            bool const counted = file.status != FileStatus::foreign;
            counts.new_files += counted && change == FileChange::added;
            counts.updated_files += counted && change == FileChange::updated;
            if (file.status != FileStatus::present)
                Query(session, "DELETE FROM subband_files WHERE path = :path").bind(file.path).run();
        }
        for (auto group : groups) {
            keep_checksums(group.files, known);
            auto const facts = before.find(group.row.group_id);
            store_group(session, group, facts == before.end() ? nullptr : &facts->second, counts);
        }
        return counts;
    });
}

bool rename_group(Session& session, std::string const& from, std::string const& to)
{
    return transact(session, [&] {
        hold(session, Matter::scan);
        if (find_group(session, to)) return false;
        auto const renamed =
            Query(session,
                  "UPDATE ingest_queue SET group_id = :to, last_update = :now WHERE group_id = :from AND state "
                  "IN ('collecting', 'pending') AND fence = 0")
                .bind(to)
                .bind(now_unix_s())
                .bind(from)
                .run();
        if (renamed != 1) return false;
        Query(session, "UPDATE hdf5_files SET group_id = :to WHERE group_id = :from").bind(to).bind(from).run();
        return true;
    });
}

}  // namespace nocturne::db
