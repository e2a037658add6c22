// Which groups of a list a run has claimed already, in one question.
#pragma once

#include "db/session.hpp"

#include <set>
#include <string>
#include <vector>

namespace nocturne::db {

/// Those of `group_ids` (500 at most) that the run has claimed, whatever came of it.
std::set<std::string> worked_on(Session& session, std::string const& run_id, std::vector<std::string> const& group_ids);

}  // namespace nocturne::db
