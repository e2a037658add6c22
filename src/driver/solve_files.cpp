#include "driver/solve_files.hpp"

#include "driver/attempt.hpp"
#include "driver/casa_tables.hpp"
#include "driver/compose_gains.hpp"
#include "driver/report_calibration.hpp"
#include "driver/solve_intervals.hpp"
#include "driver/stop_signal.hpp"
#include "io/png_writer.hpp"
#include "io/product.hpp"
#include "io/solutions.hpp"
#include "nocturne/version.hpp"
#include "qa/figures.hpp"

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

void write_plots(std::string const& prefix, Solved& solved)
{
    for (auto const& lines : solution_lines(solved.tables)) {
        auto const picture = picture_of_lines(lines);
        if (picture.width == 0) continue;
        solved.files.push_back(prefix + "-" + lines.name + ".png");
        write_product(solved.files.back(), encode_png(picture.width, picture.height, picture.rgb));
    }
}

/// May go more than once, each time with passes of its own.
struct SolveRun {
    GroupInputs opened;
    Ranks const& world;
    Ledger& ledger;
    std::vector<CalTable> corrected_by;  ///< what was taken off the samples before they were solved on

    GroupState go()
    {
        SolutionBringer bringer;
        if (opened.run.bring_solutions)
            bringer = [this](GroupState& state, Ranks const& team) {
                opened.run.bring_solutions(state, team);
                corrected_by = state.solutions;
            };
        return run_files({opened.run.source, std::move(opened.run.passes), {}, opened.run.stamps, {}, bringer}, world,
                         opened.device, ledger);
    }
};

}  // namespace

Solved solve_files(SolveRequest const& request, Ranks const& world)
{
    world.agree(attempt([&] { check_casa(request); }));
    Stopwatch watch;
    StopSignal const signals;
    Solved result;
    auto opened = open_inputs(request, world);
    result.ledger = std::move(opened.ledger);
    SolveRun run{std::move(opened), world, result.ledger, {}};
    auto state = run.go();
    if (auto const finer = follow_drift(request.job, state.solutions, state.header.integration_s.front())) {
        result.notes.push_back(finer->note);
        if (world.leader()) spdlog::warn("{}", finer->note);
        run.opened.run.passes = finer->job.passes();
        state = run.go();
    }
    result.group_id = state.header.group_id;
    result.tables = std::move(state.solutions);
    world.agree(attempt([&] {
        if (!run.corrected_by.empty()) result.tables = compose_gains(state.header, run.corrected_by, result.tables);
    }));
    world.agree(attempt([&] {
        if (!world.leader()) return;
        LedgerScope const writing(result.ledger, "write");
        write_solutions(request.out, result.tables, code_version());
        result.files.push_back(request.out);
        if (!request.plots.empty()) write_plots(request.plots, result);
        if (request.casa_prefix.empty()) return;
        for (std::size_t i = 0; i < result.tables.size(); ++i)
            result.files.push_back(write_casa_table(request.casa_prefix, request.out, i, result.tables[i].kind));
    }));
    gather_ledgers(result.ledger, world);
    result.wall_s = watch.seconds();
    return result;
}

}  // namespace nocturne
