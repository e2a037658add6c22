#include "driver/backfill.hpp"

#include "driver/worklist.hpp"

#include <algorithm>
#include <set>

namespace nocturne {

Missing find_missing(RunRequest request)
{
    auto session = db::Session::open(request.database);
    auto const found = survey(request, session);
    Missing missing{{}, found.n_groups, found.waiting, std::ssize(found.unfit)};
    for (std::size_t i = 0; i < request.jobs.size(); ++i) {
        request.job = request.jobs[i];
        std::set<std::string> on_gpus;
        for (auto const& work : make_worklist(request, found.groups[i], session, "cuda").todo)
            on_gpus.insert(work.group_id);
        for (auto const& work : make_worklist(request, found.groups[i], session, "kokkos").todo)
            if (on_gpus.count(work.group_id)) missing.results.push_back({request.job.name, work.group_id});
    }
    return missing;
}

}  // namespace nocturne
