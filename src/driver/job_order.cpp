// Which job of a file comes after which. Enters: jobs with their needs. Leaves: the same jobs, each after all that it needs.
#include "driver/job_file.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/text.hpp"

#include <algorithm>

namespace nocturne {
namespace {

std::vector<std::string> ids_of(std::vector<Job> const& jobs)
{
    std::vector<std::string> ids;
    for (auto const& job : jobs) ids.push_back(job.id);
    return ids;
}

bool holds(std::vector<std::string> const& list, std::string const& word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

void check_needs(std::vector<Job> const& jobs)
{
    auto const ids = ids_of(jobs);
    for (auto const& job : jobs)
        for (auto const& need : job.needs)
            if (!holds(ids, need))
                throw Error(Code::bad_config, "job " + job.id + " needs '" + need + "'", "no job has that name",
                            "correct needs" + did_you_mean(need, ids))
                    .in(job.needs_at);
}

/// "Others" must be one set.
void check_choices(std::vector<Job> const& jobs)
{
    auto const n = [&](GroupChoice::Kind kind) {
        return std::count_if(jobs.begin(), jobs.end(), [&](Job const& job) { return job.groups.kind == kind; });
    };
    if (n(GroupChoice::Kind::others) > 1 || (n(GroupChoice::Kind::all) > 0 && jobs.size() > 1))
        throw Error(Code::bad_config, "several jobs work on the same groups", "products of a group have one place",
                    "let one job take 'others', and the rest calibrators or groups by name")
            .in(jobs.front().path);
}

}  // namespace

std::vector<Job> order_by_needs(std::vector<Job> jobs)
{
    check_needs(jobs);
    check_choices(jobs);
    std::vector<Job> ordered;
    while (!jobs.empty()) {
        auto const done = ids_of(ordered);
        auto const next = std::find_if(jobs.begin(), jobs.end(), [&](Job const& job) {
            return std::all_of(job.needs.begin(), job.needs.end(),
                               [&](std::string const& need) { return holds(done, need); });
        });
        if (next == jobs.end()) {
            throw Error(Code::bad_config, "needs go in a circle",
                        "each of " + join(ids_of(jobs)) + " waits for another one", "take one of the needs out")
                .in(jobs.front().needs_at);
        }
        ordered.push_back(std::move(*next));
        jobs.erase(next);
    }
    return ordered;
}

}  // namespace nocturne
