// Candidates of single integrations. Enters: those of a group. Leaves: rows by time.
#pragma once

#include "db/session.hpp"
#include "nocturne/candidate.hpp"

#include <string>
#include <vector>

namespace nocturne::db {

struct CandidateRow {
    Candidate candidate;
    std::string snapshot_path;     ///< absolute; "" = not kept
    std::string group_id, run_id;  ///< filled in by store_candidates
};

/// In the place of those that the same run has of the group; within the caller's transaction.
void store_candidates(Session& session, std::string const& run_id, std::string const& group_id,
                      std::vector<CandidateRow> const& rows);

/// Those of the newest result of each group that was not retired, by time and falling signal.
std::vector<CandidateRow> list_candidates(Session& session);

}  // namespace nocturne::db
