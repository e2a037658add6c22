// Enters: a directory, the database. Leaves: what there is to do, oldest group first.
#include "driver/worklist.hpp"

#include "driver/index.hpp"

#include <filesystem>
#include <set>

namespace nocturne {
namespace {

ScanReport scan(RunRequest const& request, db::Session& session)
{
    ScanOptions options;
    options.min_subbands = request.min_subbands;
    options.partial_after_s = request.partial_after_s;
    options.hashing = Hashing::later;
    options.reach = Reach::directory;
    return scan_directory(request.incoming, options, session);
}

GroupFailure too_few(db::GroupRow const& group, int min_subbands)
{
    return {group.group_id, "index",
            "only " + std::to_string(group.n_subbands) + " of " + std::to_string(group.expected_subbands) +
                " subbands are there (--min-subbands " + std::to_string(min_subbands) +
                "): bring the others, or lower --min-subbands",
            exit_code(Code::input_missing)};
}

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
    if (group.n_subbands < std::min(request.min_subbands, group.expected_subbands)) {
        list.unfit.push_back(too_few(group, request.min_subbands));
        return;
    }
    if (group.state == db::QueueState::collecting) {
        ++list.waiting;
        return;
    }
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

Worklist make_worklist(RunRequest const& request, db::Session& session, std::string const& backend)
{
    Worklist list;
    auto const found = scan(request, session);
    list.foreign = found.foreign;
    std::set<std::string> const ids(found.group_ids.begin(), found.group_ids.end());
    if (!request.only_group.empty() && !ids.count(request.only_group))
        throw Error(Code::input_missing, "no group " + request.only_group, request.incoming + " does not hold it",
                    "see nocturne groups");
    for (auto const& group_id : found.group_ids) {
        if (!request.only_group.empty() && group_id != request.only_group) continue;
        auto const group = db::find_group(session, group_id).value();
        ++list.n_groups;
        if (db::failed_by_scan(group)) {
            list.unfit.push_back(
                {group.group_id, "index", group.error, group.error_code.value_or(exit_code(Code::bad_input))});
            continue;
        }
        sort_in(list, group, request, session, backend);
    }
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
