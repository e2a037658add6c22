// What was made of files before. Enters: a group, a checksum. Leaves: the group's state put right; an answer.
#pragma once

#include "db/session.hpp"

namespace nocturne::db {

/// A pending group that a run has found done becomes completed. False where anything about it changed since `last_update_s` (of its
/// row when the run looked), or where a person wants it made again.
bool settle_done(Session& session, std::string const& group_id, double last_update_s);

/// True where a run made a result of a file with this content.
bool is_input_of_result(Session& session, std::string const& xxh128);

}  // namespace nocturne::db
