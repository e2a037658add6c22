#include "driver/solve_files.hpp"

#include "driver/attempt.hpp"
#include "driver/casa_tables.hpp"
#include "driver/solve_intervals.hpp"
#include "driver/stop_signal.hpp"
#include "io/solutions.hpp"
#include "nocturne/version.hpp"

#include <spdlog/spdlog.h>

namespace nocturne {

namespace {

/// Before anything is solved that could not be written.
void check_casa(SolveRequest const& request)
{
    for (auto const& task : request.job.tasks)
        if (task.stage->name == "solve" && !request.casa_prefix.empty() && task.params.text("types") == "J")
            throw Error(Code::bad_config, "Jones matrices cannot become a CASA table",
                        "CASA's K, B and G hold one gain per feed", "leave out --casa, or solve for K, B and G");
}

}  // namespace

Solved solve_files(SolveRequest const& request, Ranks const& world)
{
    world.agree(attempt([&] { check_casa(request); }));
    Stopwatch watch;
    StopSignal const signals;
    Solved result;
    auto opened = open_inputs(request, world);
    result.ledger = std::move(opened.ledger);
    auto const source = opened.run.source;
    auto const stamps = opened.run.stamps;
    auto state = run_files(std::move(opened.run), world, opened.device, result.ledger);
    if (auto const finer = follow_drift(request.job, state.solutions, state.header.integration_s.front())) {
        result.notes.push_back(finer->note);
        if (world.leader()) spdlog::warn("{}", finer->note);
        state = run_files({source, finer->job.passes(), {}, stamps}, world, opened.device, result.ledger);
    }
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
    gather_ledgers(result.ledger, world);
    result.wall_s = watch.seconds();
    return result;
}

}  // namespace nocturne
