// Verb `solve`: delays, bandpass and gains of a calibrator group to files.
#include "cli/group_options.hpp"
#include "cli/stage_options.hpp"
#include "driver/attempt.hpp"
#include "driver/progress.hpp"
#include "driver/register_again.hpp"
#include "driver/solve_files.hpp"
#include "nocturne/median.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>

namespace nocturne::cli {
namespace solve_verb {

using Json = nlohmann::ordered_json;

struct Options {
    SolveRequest request;
    bool no_flag = false, enter = false;  ///< enter: into the registry
    std::string set_name;
    std::shared_ptr<Overrides> overrides;
};

/// All rules of the flagger, unless others are asked for; with --no-flag nothing but samples that cannot be measurements, and
/// autocorrelations.
Job make_solve_job(Options const& options)
{
    auto overrides = *options.overrides;
    overrides.try_emplace("only", "all");
    if (options.no_flag) overrides["only"] = "zeros,autocorr";
    std::vector<std::string> stages{"read", "flag", "solve"};
    if (overrides.count("solutions")) stages.insert(stages.end() - 1, "apply");
    return make_job("solve", stages, {{}, overrides});
}

Json table_json(CalTable const& table)
{
    std::vector<double> snr;
    double flagged = 0, iterations = 0, chi2 = 0;
    for (std::size_t k = 0; k < table.size(); ++k) {
        flagged += table.flag[k] != 0;
        if (!table.flag[k] && table.kind != CalKind::delay && table.phase_error_rad[k] > 0)
            snr.push_back(1 / table.phase_error_rad[k]);
    }
    for (auto const& solve : table.solves) {
        iterations += solve.iterations;
        chi2 += solve.reduced_chi2;
    }
    auto const n = static_cast<double>(std::max<std::size_t>(1, table.solves.size()));
    Json json{{"type", name(table.kind)},
              {"antennas", table.antennas.size()},
              {"intervals", table.intervals.size()},
              {"channels", table.freq_hz.size()},
              {"flagged_fraction", flagged / static_cast<double>(std::max<std::size_t>(1, table.size()))},
              {"median_snr", nullptr},
              {"mean_iterations", iterations / n},
              {"mean_chi2_jy2", chi2 / n},
              {"reference_antenna", nullptr},
              {"gauge", name(table.gauge)},
              {"model", table.model}};
    if (!snr.empty()) json["median_snr"] = median_of(snr);
    if (table.reference_antenna >= 0)
        json["reference_antenna"] = table.antennas[static_cast<std::size_t>(table.reference_antenna)].name;
    return json;
}

/// Error(qa_fail) where the verdict is fail: nothing is registered then.
void enter(Options const& options, Globals const& globals)
{
    auto session = db::Session::open(database_of(globals));
    RegisterRequest request;
    request.paths = {options.request.out};
    request.set_name = options.set_name;
    request.command_line = options.request.command_line;
    request.code_version = code_version();
    request.existing = db::Existing::replace;
    tell_replaced(register_solutions(session, request).gone);
}

int solve_verb(Options options, Globals const& globals)
{
    return on_all_ranks([&](Ranks const& world) {
        world.agree(attempt([&] { options.request.job = make_solve_job(options); }));
        complete(options.request, globals);
        auto const result = solve_files(options.request, world);
        if (!world.leader()) return 0;
        auto const quality = judge_solutions(result.tables);
        int const code = quality.verdict == QualityVerdict::fail ? exit_code(Code::qa_fail) : 0;
        if (options.enter) enter(options, globals);
        if (!globals.json) {
            for (auto const& file : result.files) std::cout << file << "\n";
            for (auto const& reason : quality.reasons)
                log_lines(std::string("QA ") + name(quality.verdict) + ": " + reason + "\n");
            if (!globals.quiet) log_lines(result.ledger.table(result.wall_s, measure_bandwidth()));
            return code;
        }
        auto tables = Json::array();
        for (auto const& table : result.tables) tables.push_back(table_json(table));
        print_json({{"group_id", result.group_id},
                    {"tables", tables},
                    {"quality", nocturne::to_json(quality)},
                    {"files", result.files},
                    {"notes", result.notes},
                    {"stages", result.ledger.json()},
                    {"wall_s", result.wall_s}});
        return code;
    });
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    add_group_options(app, o->request);
    app.add_option("-o,--out", o->request.out, "The file of solutions (HDF5)")->required();
    app.add_option("--casa", o->request.casa_prefix, "Write CASA tables PREFIX.K, PREFIX.B, PREFIX.G as well");
    app.add_option("--plots", o->request.plots,
                   "Draw delays, bandpass, gains and residuals: PREFIX-delays.png, PREFIX-bandpass-phase-XX.png …");
    app.add_flag("--register", o->enter, "Register the solutions, where they pass their QA");
    app.add_option("--set", o->set_name, "Name of the registered set; default the group");
    app.add_flag("--no-flag", o->no_flag, "Look for no interference: flag zeros and autocorrelations only");
    o->overrides = add_stage_options(app, {"read", "flag", "apply", "solve"}, {"from", "force"});
    add_force(app, o->overrides);
    return [o, &globals] { return solve_verb(*o, globals); };
}

VerbRegistrar const here{{"solve", "Solve for delays, bandpass and gains of a calibrator group", &declare}};

}  // namespace solve_verb
}  // namespace nocturne::cli
