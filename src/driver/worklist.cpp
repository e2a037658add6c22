// Enters: the groups of a job, the database. Leaves: what there is to do, oldest group first.
#include "driver/worklist.hpp"

#include "driver/checkpoints.hpp"
#include "driver/register_again.hpp"

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

/// A group that runs gave up with just these inputs, this configuration and this code.
std::optional<GroupFailure> given_up(db::GroupRow const& group, RunRequest const& request, GroupWork const& work,
                                     std::string const& backend)
{
    if (!db::given_up(group) || group.failed_key != text_of(key_of(request.job, work, backend))) return std::nullopt;
    return GroupFailure{group.group_id, group.error_stage,
                        "given up after " + std::to_string(group.failures) + " failures: " + group.error +
                            " ('nocturne queue retry " + group.group_id + "' brings it back)",
                        group.error_code.value_or(exit_code(Code::defect))};
}

void sort_in(Worklist& list, db::GroupFacts const& facts, RunRequest const& request, db::Session& session,
             std::string const& backend)
{
    auto const& group = facts.row;
    GroupWork work{group.group_id, facts.files, group.expected_subbands, facts.telescope};
    if (auto const moved = indexed_elsewhere(request, work)) {
        list.unfit.push_back(*moved);
        return;
    }
    work.solutions = solutions_now(request, session, facts);
    if (auto const result = facts.has_results ? finished_result(request, session, work, backend) : std::nullopt) {
        ++list.skipped;
        if (group.state == db::QueueState::pending) list.open.push_back(group);
        if (auto const lost = lost_solutions(request, session, *result)) list.lost.push_back({group.group_id, *lost});
        return;
    }
    auto const lost = given_up(group, request, work, backend);
    if (auto const few = too_few(group, request.min_subbands))
        list.unfit.push_back(*few);
    else if (lost)
        list.unfit.push_back(*lost);
    else if (request.limit >= 0 && static_cast<std::int64_t>(list.todo.size()) >= request.limit)
        list.spare.push_back(std::move(work));
    else
        list.todo.push_back(std::move(work));
}

}  // namespace

Worklist make_worklist(RunRequest const& request, std::vector<std::string> const& groups, db::Session& session,
                       std::string const& backend)
{
    Worklist list;
    auto const facts = db::facts_of(session, groups);
    for (auto const& group_id : groups) sort_in(list, facts.at(group_id), request, session, backend);
    return list;
}

nlohmann::json to_json(GroupWork const& work)
{
    auto files = nlohmann::json::array();
    for (auto const& file : work.files)
        files.push_back({file.subband_idx, file.path, file.xxh128, file.bytes, file.modified_s});
    return {{"group_id", work.group_id},
            {"expected_subbands", work.expected_subbands},
            {"files", files},
            {"telescope", work.telescope}};
}

GroupWork work_from_json(nlohmann::json const& document)
{
    GroupWork work{document["group_id"], {}, document["expected_subbands"], document["telescope"]};
    for (auto const& file : document["files"]) work.files.push_back({file[0], file[1], file[2], file[3], file[4]});
    return work;
}

}  // namespace nocturne
