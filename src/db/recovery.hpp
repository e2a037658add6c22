// What dead runs held goes back, and is told.
#pragma once

#include "db/events.hpp"
#include "db/groups.hpp"

#include <functional>

namespace nocturne::db {

/// The event that ends a run (no group), or its work on a group, of a process that is gone: it cannot tell it itself.
using EndTeller = std::function<EventRow(Claim const& of, std::string const& why)>;

/// Groups in progress whose owner is a dead process of this host, or one of another host whose lease expired, go back to pending
/// (a living process of this host keeps its groups, however long it is silent); a run all of
/// whose groups are gone that way, or whose leading process is, is FAILED. Returns the names of the groups.
/// What `tell` makes of runs and groups is stored in the same transaction.
std::vector<std::string> recover_abandoned(Session& session, EndTeller const& tell = {});

}  // namespace nocturne::db
