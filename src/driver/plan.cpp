// What a run would do, before it does it. Enters: a request. Leaves: groups, passes and their lines, ranks, bytes.
#include "driver/attempt.hpp"
#include "driver/ms_source.hpp"
#include "driver/run_job.hpp"
#include "driver/surroundings.hpp"
#include "driver/worklist.hpp"
#include "io/uvh5_header.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson describe_passes(Passes const& passes)
{
    auto all = OrderedJson::array();
    for (auto const& pass : passes) {
        OrderedJson reads = OrderedJson::array(), writes = OrderedJson::array();
        for (Field field : pass->reads()) reads.push_back(name(field));
        for (Field field : pass->writes()) writes.push_back(name(field));
        all.push_back({{"pass", pass->name()},
                       {"scope", pass->scope() == Scope::block ? "block" : "group"},
                       {"reads", reads},
                       {"writes", writes}});
    }
    return all;
}

/// Sizes of a group from the headers of its files.
OrderedJson describe_group(GroupWork const& work, MsOptions const& options)
{
    std::vector<std::string> paths;
    std::uint64_t file_bytes = 0;
    for (auto const& file : work.files) {
        paths.push_back(file.path);
        file_bytes += static_cast<std::uint64_t>(file.bytes);
    }
    auto const header = is_measurement_set(paths.front()) ? ms_header(paths.front(), options)
                                                          : group_header(paths, work.expected_subbands);
    std::uint64_t const samples =
        header.time_mjd_s.size() * header.baselines.size() * header.freq_hz.size() * header.correlations.size();
    return {{"group_id", work.group_id},
            {"n_subbands", work.files.size()},
            {"file_bytes", file_bytes},
            {"integrations", header.time_mjd_s.size()},
            {"baselines", header.baselines.size()},
            {"channels", header.freq_hz.size()},
            {"correlations", header.correlations.size()},
            {"visibility_bytes", samples * sizeof(Vis)}};
}

OrderedJson describe_job(Job const& job, Worklist const& list)
{
    auto todo = OrderedJson::array();
    for (auto const& work : list.todo) todo.push_back(work.group_id);
    return {{"job", job.name},
            {"needs", job.needs},
            {"todo", todo},
            {"skipped", list.skipped},
            {"register_again", list.lost.size()},
            {"left", list.spare.size()},
            {"configuration", job.configuration_with_origin()}};
}

/// Sets that would correct a group if it were its turn now; jobs before it may register others.
OrderedJson describe_solutions(GroupWork const& work)
{
    return work.solutions ? OrderedJson(work.solutions->use.sets) : OrderedJson(nullptr);
}

void add_failures(OrderedJson& failures, std::vector<GroupFailure> const& unfit)
{
    for (auto const& f : unfit)
        failures.push_back({{"group_id", f.group_id}, {"code", f.code}, {"message", f.message}});
}

OrderedJson make_plan(RunRequest request, int ranks)
{
    auto session = db::Session::open(request.database);
    auto const device = make_device(request.backend, local_rank());
    auto const found = survey(request, session);
    auto jobs = OrderedJson::array(), passes = OrderedJson::array(), groups = OrderedJson::array(),
         failures = OrderedJson::array();
    std::int64_t skipped = 0, left = found.waiting;
    for (std::size_t i = 0; i < request.jobs.size(); ++i) {
        request.job = request.jobs[i];
        auto const list = make_worklist(request, found.groups[i], session, is_host(device) ? "kokkos" : "cuda");
        jobs.push_back(describe_job(request.job, list));
        for (auto pass : describe_passes(request.job.passes())) {
            pass["job"] = request.job.name;
            passes.push_back(std::move(pass));
        }
        for (auto const& work : list.todo) {
            groups.push_back(describe_group(work, ms_options(request.job)));
            groups.back()["job"] = request.job.name;
            groups.back()["solutions"] = describe_solutions(work);
        }
        if (request.limit >= 0) request.limit -= std::ssize(list.todo);
        skipped += list.skipped;
        left += std::ssize(list.spare);
        add_failures(failures, list.unfit);
    }
    add_failures(failures, found.unfit);
    return {{"jobs", jobs},
            {"out", request.out},
            {"database", db::without_password(request.database)},
            {"ranks", ranks},
            {"ranks_per_group", request.ranks_per_group},
            {"device", look_around(device).device},
            {"span_bytes_per_rank", span_memory(device, request.memory_gb)},
            {"passes", passes},
            {"groups", groups},
            {"skipped", skipped},
            {"left", left},
            {"failures", failures}};
}

}  // namespace

OrderedJson plan_job(RunRequest const& request, Ranks const& world)
{
    world.teams(request.ranks_per_group);
    OrderedJson plan;
    world.agree(attempt([&] {
        if (world.leader()) plan = make_plan(request, world.size());
    }));
    return plan;
}

}  // namespace nocturne
