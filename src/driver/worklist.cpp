// Enters: the groups of a job, the database. Leaves: what there is to do, oldest group first.
#include "driver/worklist.hpp"

namespace nocturne {

Worklist make_worklist(RunRequest const& request, std::vector<std::string> const& groups, db::Session& session,
                       std::string const& backend)
{
    Worklist list;
    for (auto const& group_id : groups) {
        GroupWork work{group_id, db::files_of(session, group_id),
                       db::find_group(session, group_id).value().expected_subbands};
        work.solutions = solutions_now(request, session, group_id);
        if (is_done(request, session, work, backend))
            ++list.skipped;
        else if (request.limit >= 0 && static_cast<std::int64_t>(list.todo.size()) >= request.limit)
            ++list.beyond_limit;
        else
            list.todo.push_back(std::move(work));
    }
    return list;
}

nlohmann::json to_json(GroupWork const& work)
{
    auto files = nlohmann::json::array();
    for (auto const& file : work.files) files.push_back({file.subband_idx, file.path, file.xxh128, file.bytes});
    return {{"group_id", work.group_id}, {"expected_subbands", work.expected_subbands}, {"files", files}};
}

GroupWork work_from_json(nlohmann::json const& document)
{
    GroupWork work{document["group_id"], {}, document["expected_subbands"]};
    for (auto const& file : document["files"]) work.files.push_back({file[0], file[1], file[2], file[3]});
    return work;
}

}  // namespace nocturne
