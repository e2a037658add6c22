// Room on the disk of raw files. Enters: a directory of indexed files, archives that hold copies of them. Leaves: fewer files, never one
// without copies that were just read again and found equal, bit by bit; or reasons why not.
#pragma once

#include "db/deletions.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct ReapRequest {
    std::string location;               ///< directory of raw files
    std::vector<std::string> archives;  ///< directories with copies: at the same place below them, or beside each other
    int least_copies = 1;               ///< so many archives must hold a verified copy
    bool remove = false;                ///< false: only say what would go
    std::string command_line;
};

/// Why a file stays. Words of reports: name().
enum class ReapRefusal {
    none,
    group_not_finished,  ///< no result of its group is recorded, and nobody settled it
    not_hashed,          ///< the index has no checksum of it
    too_few_copies,
    copy_differs,  ///< an archive holds another content under its name
    copy_is_file,  ///< the copy is the file itself: a link, another mount
    changed,       ///< it is not what was indexed
    group_stays,   ///< another file of its group stays
};
char const* name(ReapRefusal refusal);

struct ReapedFile {
    db::RawFile file;
    ReapRefusal refusal = ReapRefusal::none;
    std::string detail;
    std::vector<std::string> copies;  ///< verified
    bool deleted = false;
};

struct ReapReport {
    std::vector<ReapedFile> files;  ///< by path
    std::int64_t may_go = 0, deleted = 0, bytes = 0;
    /// 65 where a copy or a file is not what was indexed, 66 where copies are missing, else 0.
    int exit_code = 0;
};

/// A group goes as a whole or stays. Where any copy differs nothing at all is deleted. Throws Error(usage) where an archive lies in the
/// directory or holds it, Error(input_missing) where one of them is not there, Error(transient) where files are to go and a run works on them.
ReapReport reap(ReapRequest const& request, db::Session& session);

}  // namespace nocturne
