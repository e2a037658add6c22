// Failures of a run at what it had no claim on.
#pragma once

#include "db/groups.hpp"

namespace nocturne::db {

/// A group, or a file or name that is none.
struct UnclaimedGroup {
    std::string group_id;
    Failure failure;
};

/// Their rows of group_runs, FAILED. A group that has a row of the run keeps that one.
void record_unclaimed(Session& session, std::string const& run_id, std::vector<UnclaimedGroup> const& groups);

}  // namespace nocturne::db
