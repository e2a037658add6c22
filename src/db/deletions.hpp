// Raw files that may go, and the record of those that went (deletion_log). All functions throw nocturne::Error as db/session.hpp says.
#pragma once

#include "db/groups.hpp"

namespace nocturne::db {

/// A raw file that the index takes for present, with its group.
struct RawFile {
    std::string path, group_id, xxh128;
    std::int64_t bytes = 0;
    std::optional<QueueState> state;  ///< of the group; nothing where the file belongs to none
    bool settled = false;             ///< a person closed the group (queue resolve)
};

/// Present and superseded UVH5 files below a directory (absolute, without a final slash), by path.
std::vector<RawFile> raw_files_below(Session& session, std::string const& directory);

struct Deletion {
    RawFile file;
    std::vector<std::string> copies;  ///< absolute paths, read again and found equal
    double verified_s = 0;
    std::string command_line;
};
/// Before the file goes: its row, without a time of deletion. Returns its number. Error(transient) where a run took the group meanwhile.
std::int64_t begin_deletion(Session& session, Deletion const& deletion);
/// After it has gone: the time, and the index knows that it is no longer stored.
void end_deletion(Session& session, std::int64_t id);
/// Deletions that were begun and never ended: number and path.
std::vector<std::pair<std::int64_t, std::string>> open_deletions(Session& session);

}  // namespace nocturne::db
