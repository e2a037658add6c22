// Enters: ids of jobs. Leaves: those that Slurm does not know any more.
#include "driver/dead_jobs.hpp"

#include "driver/command.hpp"

#include <set>
#include <sstream>

namespace nocturne {

constexpr double answer_s = 60;  ///< a controller that is busy for longer is asked another time

std::vector<std::string> dead_jobs(std::vector<std::string> const& jobs)
{
    if (jobs.empty()) return {};
    // %i: 123 or 123_4, %A: the id of the element itself. Ids are not given to -j: one that is unknown fails the whole question.
    auto const answer =
        run_command({"squeue", "--noheader", "--array", "--states=all", "--format=%i %A %T"}, {}, answer_s);
    if (answer.code != 0) return {};
    std::set<std::string> living;
    std::istringstream lines(answer.out);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string id, element, state;
        words >> id >> element >> state;
        for (std::string const ended : {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"})
            if (state == ended) id.clear();
        if (id.empty()) continue;
        living.insert(id);
        living.insert(element);
    }
    std::vector<std::string> dead;
    for (auto const& job : jobs)
        if (!living.count(job)) dead.push_back(job);
    return dead;
}

}  // namespace nocturne
