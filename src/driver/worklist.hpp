// What a job of a run has to do: looks at the database. On the leader of all ranks only.
#pragma once

#include "driver/group_job.hpp"
#include "driver/survey.hpp"

namespace nocturne {

/// A finished group whose solutions the registry has not.
struct LostSet {
    std::string group_id;
    db::ProductRow solutions;
};

struct Worklist {
    std::vector<GroupWork> todo;     ///< oldest first, at most `limit`
    std::vector<GroupWork> spare;    ///< those after them: for a run that finds some of `todo` taken by others
    std::vector<db::GroupRow> open;  ///< of those done already: pending, as their files came anew
    std::int64_t skipped = 0;        ///< done already with these inputs, configuration and code
    std::vector<LostSet> lost;       ///< of those: their set is to be registered again
    std::vector<GroupFailure>
        unfit;  ///< taken to another directory by another scan since the survey (75); given up after failures
};

/// Sorts the groups of the request's job into what is to be done and what is not.
Worklist make_worklist(RunRequest const& request, std::vector<std::string> const& groups, db::Session& session,
                       std::string const& backend);

nlohmann::json to_json(GroupWork const& work);
GroupWork work_from_json(nlohmann::json const& document);

}  // namespace nocturne
