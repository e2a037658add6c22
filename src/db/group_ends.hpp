// The end of what a run made of a group. Enters: a claim, how it ended. Leaves: the group free, its row of group_runs closed.
#pragma once

#include "db/groups.hpp"

namespace nocturne::db {

// Inside a transaction of the caller.

/// in_progress → pending; false where the claim is no longer held.
bool give_back(Session& session, Claim const& claim, std::string const& why);
void close_group_run(Session& session, Claim const& claim, char const* status, Failure const& failure);

}  // namespace nocturne::db
