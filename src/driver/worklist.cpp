// Enters: the groups of a job, the database. Leaves: what there is to do, oldest group first.
#include "driver/worklist.hpp"

#include <filesystem>

namespace nocturne {
namespace {

/// A scan of another directory that holds the same group came in between: its files are not those that were asked for.
std::optional<GroupFailure> indexed_elsewhere(RunRequest const& request, GroupWork const& work)
{
    namespace fs = std::filesystem;
    for (auto const& file : work.files) {
        std::error_code odd;
        if (fs::equivalent(fs::path(file.path).parent_path(), request.incoming, odd)) continue;
        return GroupFailure{work.group_id, "index",
                            "another scan has taken the group to " + fs::path(file.path).parent_path().string() +
                                " meanwhile: run the same command again",
                            exit_code(Code::transient)};
    }
    return std::nullopt;
}

void sort_in(Worklist& list, db::GroupRow const& group, RunRequest const& request, db::Session& session,
             std::string const& backend)
{
    GroupWork work{group.group_id, db::files_of(session, group.group_id), group.expected_subbands};
    if (auto const moved = indexed_elsewhere(request, work)) {
        list.unfit.push_back(*moved);
        return;
    }
    if (auto const first = work.files.empty() ? std::nullopt : db::find_file(session, work.files.front().path))
        work.telescope = first->telescope_name;
    work.solutions = solutions_now(request, session, group.group_id);
    if (is_done(request, session, work, backend))
        ++list.skipped;
    else if (request.limit >= 0 && static_cast<std::int64_t>(list.todo.size()) >= request.limit)
        ++list.beyond_limit;
    else
        list.todo.push_back(std::move(work));
}

}  // namespace

Worklist make_worklist(RunRequest const& request, std::vector<std::string> const& groups, db::Session& session,
                       std::string const& backend)
{
    Worklist list;
    for (auto const& group_id : groups)
        sort_in(list, db::find_group(session, group_id).value(), request, session, backend);
    return list;
}

nlohmann::json to_json(GroupWork const& work)
{
    auto files = nlohmann::json::array();
    for (auto const& file : work.files) files.push_back({file.subband_idx, file.path, file.xxh128, file.bytes});
    return {{"group_id", work.group_id},
            {"expected_subbands", work.expected_subbands},
            {"files", files},
            {"telescope", work.telescope}};
}

GroupWork work_from_json(nlohmann::json const& document)
{
    GroupWork work{document["group_id"], {}, document["expected_subbands"], document["telescope"]};
    for (auto const& file : document["files"]) work.files.push_back({file[0], file[1], file[2], file[3]});
    return work;
}

}  // namespace nocturne
