// What a run has to do: scans the directory, looks at the database. On the leader of all ranks only.
#pragma once

#include "driver/group_job.hpp"

namespace nocturne {

struct Worklist {
    std::vector<GroupWork> todo;       ///< oldest first, at most `limit`
    std::int64_t skipped = 0;          ///< done already with these inputs, configuration and code
    std::int64_t beyond_limit = 0;     ///< left for a later run by --limit
    std::int64_t waiting = 0;          ///< still collecting: younger than --partial-after
    std::vector<GroupFailure> unfit;   ///< too few subbands (66), or files that are bad (65)
    std::vector<std::string> foreign;  ///< files that belong to nobody
    std::int64_t n_groups = 0;
};

/// Scans `incoming` into the database and sorts its groups into what is to be done and what is not.
Worklist make_worklist(RunRequest const& request, db::Session& session, std::string const& backend);

nlohmann::json to_json(GroupWork const& work);
GroupWork work_from_json(nlohmann::json const& document);

}  // namespace nocturne
