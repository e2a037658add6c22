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

using Json = nlohmann::ordered_json;

Json describe_passes(Passes const& passes)
{
    auto all = Json::array();
    for (auto const& pass : passes) {
        Json reads = Json::array(), writes = Json::array();
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
Json describe_group(GroupWork const& work, MsOptions const& options)
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

Json make_plan(RunRequest const& request, int ranks)
{
    auto session = db::Session::open(request.database);
    auto const device = make_device(request.backend, local_rank());
    auto const list = make_worklist(request, session, is_host(device) ? "kokkos" : "cuda");
    auto groups = Json::array(), failures = Json::array();
    for (auto const& work : list.todo) groups.push_back(describe_group(work, ms_options(request.job)));
    for (auto const& f : list.unfit)
        failures.push_back({{"group_id", f.group_id}, {"code", f.code}, {"message", f.message}});
    return {{"job", request.job.name},
            {"out", request.out},
            {"database", request.database},
            {"ranks", ranks},
            {"ranks_per_group", request.ranks_per_group},
            {"device", look_around(device).device},
            {"span_bytes_per_rank", span_memory(device, request.memory_gb)},
            {"passes", describe_passes(request.job.passes())},
            {"groups", groups},
            {"skipped", list.skipped},
            {"left", list.beyond_limit + list.waiting},
            {"failures", failures},
            {"configuration", request.job.configuration_with_origin()}};
}

}  // namespace

Json plan_job(RunRequest const& request, Ranks const& world)
{
    world.teams(request.ranks_per_group);
    Json plan;
    world.agree(attempt([&] {
        if (world.leader()) plan = make_plan(request, world.size());
    }));
    return plan;
}

}  // namespace nocturne
