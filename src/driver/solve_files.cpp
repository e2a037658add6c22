#include "driver/solve_files.hpp"

#include "driver/attempt.hpp"
#include "driver/casa_tables.hpp"
#include "driver/image_files.hpp"
#include "driver/ms_source.hpp"
#include "driver/run_files.hpp"
#include "driver/stop_signal.hpp"
#include "driver/surroundings.hpp"
#include "io/solutions.hpp"
#include "io/uvh5_files.hpp"
#include "nocturne/version.hpp"

#include <filesystem>

namespace nocturne {

Solved solve_files(SolveRequest const& request, Ranks const& world)
{
    Stopwatch watch;
    StopSignal const signals;
    Device device;
    std::vector<std::string> paths;
    world.agree(attempt([&] {
        device = make_device(request.backend, local_rank());
        paths = files_of_group(request.inputs, request.only_group);
    }));
    auto const name = parse_subband_name(paths.front());
    auto const id = name ? name->stamp : std::filesystem::path(paths.front()).stem().string();
    Solved result;
    auto const stamps = check_inputs(paths, world);
    FilesRun files{
        {paths, request.expected_subbands, id, span_memory(device, request.memory_gb), ms_options(request.job)},
        request.job.passes(),
        {},
        stamps,
        {}};
    auto state = run_files(std::move(files), world, device, result.ledger);
    result.group_id = state.header.group_id;
    result.tables = std::move(state.solutions);
    world.agree(attempt([&] {
        if (!world.leader()) return;
        LedgerScope const writing(result.ledger, "write");
        write_solutions(request.out, result.tables, code_version());
        result.files.push_back(request.out);
        if (request.casa_prefix.empty()) return;
        for (std::size_t i = 0; i < result.tables.size(); ++i)
            result.files.push_back(write_casa_table(request.casa_prefix, request.out, i, result.tables[i].kind));
    }));
    auto const all = world.gather(result.ledger.json().dump());
    for (std::size_t rank = 1; rank < all.size(); ++rank)
        result.ledger.merge(Ledger::from_json(nlohmann::ordered_json::parse(all[rank])));
    result.wall_s = watch.seconds();
    return result;
}

}  // namespace nocturne
