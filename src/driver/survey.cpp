// Enters: a directory, the database, the jobs of a file. Leaves: the groups of each job.
#include "driver/survey.hpp"

#include "db/deletions.hpp"
#include "driver/asks_for.hpp"
#include "driver/data_places.hpp"
#include "io/uvh5_files.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fnmatch.h>
#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

ScanReport scan(RunRequest const& request, db::Session& session, LookAtMany look_at_many)
{
    ScanOptions options;
    options.min_subbands = request.min_subbands;
    options.partial_after_s = options.unfinished_s = request.partial_after_s;
    options.hashing = Hashing::later;
    options.reach = Reach::directory;
    options.look_at_many = std::move(look_at_many);
    return scan_directory(request.incoming, options, session);
}

/// False where there is nothing to do on the group now; then the survey says why. `arriving`: what it lacks may still come.
bool is_fit(db::GroupRow const& group, int min_subbands, bool arriving, Survey& found)
{
    if (db::settled_by_hand(group)) {
        spdlog::info("group {} was settled by hand: left alone ('nocturne queue retry' brings it back)",
                     group.group_id);
        return false;
    }
    if (db::failed_by_scan(group)) {
        found.unfit.push_back(
            {group.group_id, "index", group.error, group.error_code.value_or(exit_code(Code::bad_input))});
        return false;
    }
    if (auto const few = too_few(group, min_subbands); few && !arriving && group.state != db::QueueState::completed) {
        found.unfit.push_back(*few);
        return false;
    }
    found.waiting += group.state == db::QueueState::collecting;
    return group.state != db::QueueState::collecting;
}

/// A group whose time nobody knows is in every window.
bool in_window(db::GroupRow const& group, RunRequest const& request)
{
    return !group.start_mjd || (*group.start_mjd >= request.since_mjd && *group.start_mjd < request.until_mjd);
}

bool matches(std::vector<std::string> const& patterns, std::string const& group_id)
{
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](std::string const& pattern) { return fnmatch(pattern.c_str(), group_id.c_str(), 0) == 0; });
}

bool takes(Job const& job, std::string const& group_id, std::vector<db::InputFile> const& files)
{
    switch (job.groups.kind) {
        case GroupChoice::Kind::all:
            return true;
        case GroupChoice::Kind::calibrators:
            return is_calibrator(group_id, files, job.groups);
        case GroupChoice::Kind::named:
            return matches(job.groups.names, group_id);
        case GroupChoice::Kind::others:
            break;
    }
    return false;
}

void share_out(db::GroupFacts const& group, std::vector<Job> const& jobs, Survey& found)
{
    auto const& group_id = group.row.group_id;
    std::vector<std::size_t> takers;
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (takes(jobs[i], group_id, group.files)) takers.push_back(i);
    if (takers.size() > 1)
        throw Error(Code::bad_config,
                    "jobs " + jobs[takers[0]].id + " and " + jobs[takers[1]].id + " both take group " + group_id,
                    "products of a group have one place", "let each group match one job");
    for (std::size_t i = 0; takers.empty() && i < jobs.size(); ++i)
        if (jobs[i].groups.kind == GroupChoice::Kind::others) takers.push_back(i);
    if (!takers.empty()) found.groups[takers.front()].push_back(group_id);
}

/// Files that belong to no group: a bad one fails by itself, one that is still being written is waited for.
void add_files_of_none(ScanReport const& scanned, db::Session& session, Survey& found)
{
    for (auto const& [path, reason] : scanned.skipped) {
        auto const row = is_incomplete_name(path) ? std::nullopt : db::find_file(session, path);
        if (!row || !row->group_id.empty()) continue;
        ++found.waiting;
        ++found.n_groups;
    }
    for (auto const& [path, reason] : scanned.rejected) {
        auto const row = db::find_file(session, path);
        if (row && row->group_id.empty())
            found.unfit.push_back({std::filesystem::path(path).stem().string(), "index", path + ": " + reason,
                                   exit_code(Code::bad_input)});
    }
}

/// A name that no group has is a slip, and fails; a pattern may have been a wish. Of the jobs that this run is for.
void tell_slips(RunRequest const& request, std::vector<std::string> const& groups, Survey& found)
{
    for (auto const& job : request.jobs)
        for (auto const& pattern : job.groups.names) {
            if (!request.only_job.empty() && request.only_job != job.id) continue;
            if (std::any_of(groups.begin(), groups.end(), [&](auto const& id) { return matches({pattern}, id); }))
                continue;
            auto const said =
                "job " + job.name + ": no group is called '" + pattern + "'" + did_you_mean(pattern, groups);
            if (pattern.find_first_of("*?[") == std::string::npos)
                found.unfit.push_back({pattern, slip_of_a_job, said, exit_code(Code::input_missing)});
            else
                spdlog::warn("{}", said);
        }
}

/// Files may be moved, or removed, after their group was made: then it can be made again only once they are back.
void tell_those_without_files(RunRequest const& request, db::Session& session, std::set<std::string> const& with_files,
                              Survey& found)
{
    db::GroupWindow const collecting{std::nullopt, std::nullopt, db::QueueState::collecting};
    for (auto const& group : db::list_groups(session, collecting)) {
        std::error_code odd;
        if (group.n_subbands > 0 || with_files.count(group.group_id) || !in_window(group, request) ||
            !std::filesystem::equivalent(group.path, request.incoming, odd))
            continue;
        auto const* const wanted = db::awaits_files(group) ? "it is to be done again" : "it is not done";
        found.unfit.push_back({group.group_id, "index",
                               std::string(wanted) + ", but none of its files are in " + request.incoming +
                                   ": bring them back, or say nocturne queue resolve " + group.group_id,
                               exit_code(Code::input_missing)});
        ++found.n_groups;
    }
}

/// Finished groups whose raw files have gone since keep their results: that these are not what is wanted is said.
void tell_what_stays_as_it_was(RunRequest const& request, db::Session& session, std::string const& directory)
{
    constexpr double ever = 1e9;
    db::GroupsWithoutFiles const groups{directory, std::max(request.since_mjd, -ever),
                                        std::min(request.until_mjd, ever), code_version()};
    auto made = db::configurations_of(session, groups);
    std::erase_if(made, [&](std::string const& recorded) {
        return std::none_of(request.jobs.begin(), request.jobs.end(),
                            [&](Job const& job) { return asks_for(job, recorded); });
    });
    auto const n = db::count_without_result(session, groups, made);
    if (n > 0)
        spdlog::warn(
            "{} finished {} of {} cannot be made as this run would make them: the raw files are gone, so the results "
            "of another configuration or version stay (bring the files back to have them made again)",
            n, n == 1 ? "group" : "groups", directory);
}

}  // namespace

bool asks_for(Job const& job, std::string const& recorded)
{
    auto document = nlohmann::json::parse(recorded, nullptr, false);
    if (!document.is_object() || !document.contains("tasks")) return false;
    for (auto& task : document["tasks"]) task.erase("origin");
    return document["tasks"] == job.configuration()["tasks"];
}

std::optional<GroupFailure> too_few(db::GroupRow const& group, int min_subbands)
{
    if (group.n_subbands >= std::min(min_subbands, group.expected_subbands)) return std::nullopt;
    return GroupFailure{group.group_id, "index",
                        "only " + std::to_string(group.n_subbands) + " of " + std::to_string(group.expected_subbands) +
                            " subbands are there (--min-subbands " + std::to_string(min_subbands) +
                            "): bring the others, or lower --min-subbands",
                        exit_code(Code::input_missing)};
}

Survey survey(RunRequest const& request, db::Session& session, LookAtMany look_at_many)
{
    auto const scanned = scan(request, session, std::move(look_at_many));
    Survey found;
    if (scanned.nothing()) spdlog::warn("{}", nothing_in(scanned.directory));
    found.groups.resize(request.jobs.size());
    found.foreign = scanned.foreign;
    std::set<std::string> const ids(scanned.group_ids.begin(), scanned.group_ids.end());
    if (!request.only_group.empty() && !ids.count(request.only_group))
        throw Error(Code::input_missing, "no group " + request.only_group, request.incoming + " does not hold it",
                    "see nocturne groups");
    if (request.only_group.empty()) tell_slips(request, scanned.group_ids, found);
    if (request.only_group.empty()) tell_those_without_files(request, session, ids, found);
    if (request.only_group.empty()) tell_what_stays_as_it_was(request, session, scanned.directory);
    if (request.only_group.empty()) add_files_of_none(scanned, session, found);
    auto const facts = db::facts_of(session, scanned.group_ids);
    for (auto const& group_id : scanned.group_ids) {
        if (!request.only_group.empty() && group_id != request.only_group) continue;
        auto const& group = facts.at(group_id);
        if (!in_window(group.row, request)) continue;
        ++found.n_groups;
        if (is_fit(group.row, request.min_subbands, scanned.arriving.count(group_id) > 0, found))
            share_out(group, request.jobs, found);
    }
    return found;
}

}  // namespace nocturne
