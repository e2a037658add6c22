// Stores what a scan found. Enters: file rows and groups. Leaves: hdf5_files, ingest_queue and subband_files, in one
// transaction.
#include "db/files.hpp"
#include "db/query.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace nocturne::db {
namespace {

bool same_inputs(std::vector<InputFile> const& a, std::vector<InputFile> const& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](InputFile const& x, InputFile const& y) {
        return x.subband_idx == y.subband_idx && x.path == y.path && x.xxh128 == y.xxh128 && x.bytes == y.bytes;
    });
}

/// The state after a scan: work in progress is never disturbed, finished work only where its files changed.
QueueState next_state(QueueState now, QueueState found, bool changed)
{
    if (now == QueueState::in_progress) return now;
    if (now == QueueState::completed || now == QueueState::failed) return changed ? found : now;
    return found;
}

void insert_group(Session& session, GroupRow const& row)
{
    double const now = now_unix_s();
    Query(session,
          "INSERT INTO ingest_queue (group_id, state, processing_stage, received_at, last_update, expected_subbands, "
          "n_subbands, missing, start_mjd, end_mjd, chunk_minutes, path) VALUES (:id, :state, :stage, :received, "
          ":updated, "
          ":expected, :n, :missing, :start, :end, :chunk, :path)")
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
        .run();
}

void update_group(Session& session, GroupRow const& before, GroupRow const& row, QueueState state)
{
    bool const moved = state != before.state;
    Query(
        session,
        "UPDATE ingest_queue SET state = :state, processing_stage = :stage, last_update = :updated, "
        "expected_subbands = :expected, n_subbands = :n, missing = :missing, start_mjd = :start, end_mjd = :end, "
        "path = :path, error = CASE WHEN :moved = 1 THEN NULL ELSE error END WHERE group_id = :id AND state = :before")
        .bind(name(state))
        .bind(moved ? name(state) : before.stage)
        .bind(now_unix_s())
        .bind(row.expected_subbands)
        .bind(row.n_subbands)
        .bind(nlohmann::json(row.missing).dump())
        .bind(row.start_mjd)
        .bind(row.end_mjd)
        .bind_text_or_null(row.path)
        .bind(moved ? 1 : 0)
        .bind(row.group_id)
        .bind(name(before.state))
        .run();
}

bool same_group(GroupRow const& a, GroupRow const& b)
{
    return a.expected_subbands == b.expected_subbands && a.n_subbands == b.n_subbands && a.missing == b.missing &&
           a.start_mjd == b.start_mjd && a.end_mjd == b.end_mjd && a.path == b.path;
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

void store_group(Session& session, ScannedGroup const& group, std::vector<InputFile> const& had, ScanCounts& counts)
{
    auto const before = find_group(session, group.row.group_id);
    bool const changed = !same_inputs(had, group.files);
    if (!before) {
        insert_group(session, group.row);
        ++counts.new_groups;
    } else {
        auto const state = next_state(before->state, group.row.state, changed);
        bool const finished = before->state == QueueState::completed || before->state == QueueState::failed;
        if (state != before->state && finished) ++counts.reopened_groups;
        if (state != before->state || changed || !same_group(*before, group.row))
            update_group(session, *before, group.row, state);
    }
    if (changed) replace_files(session, group);
}

}  // namespace

ScanCounts store_scan(Session& session, std::vector<FileRow> const& files, std::vector<ScannedGroup> const& groups)
{
    ScanCounts counts;
    Transaction transaction(session);
    std::vector<std::vector<InputFile>> had;  // with the checksums of before
    for (auto const& group : groups) had.push_back(files_of(session, group.row.group_id));
    for (auto const& file : files) {
        auto const change = store_file(session, file);
        counts.new_files += change == FileChange::added;
        counts.updated_files += change == FileChange::updated;
        if (file.status != FileStatus::present)
            Query(session, "DELETE FROM subband_files WHERE path = :path").bind(file.path).run();
    }
    for (std::size_t i = 0; i < groups.size(); ++i) store_group(session, groups[i], had[i], counts);
    transaction.commit();
    return counts;
}

bool rename_group(Session& session, std::string const& from, std::string const& to)
{
    Transaction transaction(session);
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
    transaction.commit();
    return true;
}

}  // namespace nocturne::db
