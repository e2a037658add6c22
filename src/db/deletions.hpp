// Raw files that may go, and the record of those that went (deletion_log). All functions throw nocturne::Error as db/session.hpp says.
#pragma once

#include "db/groups.hpp"

namespace nocturne::db {

/// A raw file that the index takes for present, with its group.
struct RawFile {
    std::string path, group_id, xxh128;
    std::int64_t bytes = 0;
    std::optional<QueueState> state;  ///< of the group; nothing where the file belongs to none
    std::int64_t fence = 0;           ///< of the group's last claim
    bool settled = false;             ///< a person closed the group (queue resolve)
};

/// Present and superseded UVH5 files below a directory (absolute, without a final slash), by path.
std::vector<RawFile> raw_files_below(Session& session, std::string const& directory);

/// A run that is at work, and may not have come yet to groups whose files it saw when it began.
struct RunAtWork {
    std::string run_id, process;
};
/// One whose directory of files is this one (as raw_files_below), lies in it or holds it. Of another host: one that has given a sign of life within the hour.
std::optional<RunAtWork> run_at_work(Session& session, std::string const& directory);

/// True where files of the group went by `begin_deletion` and a result of it stands: whoever misses them has not to make it.
bool is_done_and_reaped(Session& session, std::string const& group_id);

struct Deletion {
    RawFile file;
    std::vector<std::string> copies;  ///< absolute paths, read again and found equal
    double verified_s = 0;
    std::string command_line;
};
/// Before the file goes: its row, without a time of deletion. Returns its number. Error(transient) where the group is claimed, or was since
/// `deletion.file` was read.
std::int64_t begin_deletion(Session& session, Deletion const& deletion);
/// Its name has gone: the time, and the index knows that it is no longer stored. False where the row was withdrawn.
bool end_deletion(Session& session, std::int64_t id);
/// The file has not gone: no row of it stays.
void withdraw_deletion(Session& session, std::int64_t id);

/// The same where its name had gone and is back: the index takes it for stored again.
void take_back_deletion(Session& session, std::int64_t id);

/// Completed groups of a directory (as raw_files_below) none of whose files are there.
struct GroupsWithoutFiles {
    std::string directory;
    double start_mjd = 0, end_mjd = 0;  ///< that start in [start, end), or nobody knows when
    std::string code_version;
};
/// The configurations (JSON, as recorded) of their results of this code.
std::vector<std::string> configurations_of(Session& session, GroupsWithoutFiles const& groups);
/// How many of them have no result of this code and of one of these configurations.
std::int64_t count_without_result(Session& session, GroupsWithoutFiles const& groups,
                                  std::vector<std::string> const& configurations);

struct LoggedDeletion {
    std::int64_t id = 0;
    std::string path;
    bool ended = false;
};
/// Begun and neither ended nor withdrawn, of files below a directory (as raw_files_below).
std::vector<LoggedDeletion> open_deletions(Session& session, std::string const& directory);
std::optional<LoggedDeletion> find_deletion(Session& session, std::int64_t id);

}  // namespace nocturne::db
