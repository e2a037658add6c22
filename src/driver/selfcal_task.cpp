#include "driver/selfcal_task.hpp"

#include "driver/attempt.hpp"
#include "driver/compose_gains.hpp"
#include "driver/image_shares.hpp"
#include "driver/product_rows.hpp"
#include "driver/progress.hpp"
#include "stages/apply/jones_corrector.hpp"
#include "stages/selfcal.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

Task const* find_task(Job const& job, std::string const& stage)
{
    auto const found =
        std::find_if(job.tasks.begin(), job.tasks.end(), [&](Task const& task) { return task.stage->name == stage; });
    return found == job.tasks.end() ? nullptr : &*found;
}

Task make_task(std::string const& stage, std::map<std::string, ParamValue> const& values)
{
    Task task;
    task.id = stage;
    task.stage = &stage_type(stage);
    task.params = Params(task.stage->params, values);
    return task;
}

/// Solutions that the driver brings, whatever the job's own task says.
Task apply_task(Job const& job)
{
    std::map<std::string, ParamValue> values;
    if (auto const* own = find_task(job, "apply")) values = own->params.values();
    values["solutions"] = std::string("self-calibration");
    return make_task("apply", values);
}

/// Reads, flags, corrects and images as the job does; makes no solutions and no Measurement Set.
Job imaging_job(Job const& job)
{
    auto made = job;
    auto& tasks = made.tasks;
    std::erase_if(tasks, [](Task const& task) {
        auto const& name = task.stage->name;
        return name == "solve" || name == "register" || name == "export" || name == "selfcal" || name == "apply";
    });
    auto const image =
        std::find_if(tasks.begin(), tasks.end(), [](Task const& task) { return task.stage->name == "image"; });
    tasks.insert(image, apply_task(job));
    return made;
}

Job solving_job(Job const& job, SelfCalRound const& round, ModelFluxes fluxes, bool corrected)
{
    auto made = job;
    made.tasks.clear();
    for (auto const* stage : {"read", "flag"})
        if (auto const* task = find_task(job, stage)) made.tasks.push_back(*task);
    if (corrected) made.tasks.push_back(apply_task(job));
    auto values = find_task(job, "selfcal")->params.values();
    values.erase("rounds");
    for (auto const& [name, value] : solve_of_round(round.mode, round.model, fluxes)) values[name] = value;
    made.tasks.push_back(make_task("solve", values));
    return made;
}

class JobRounds : public SelfCalSteps {
public:
    JobRounds(Job const& job, GroupState& best, PassRunner const& run, Ranks const& team)
        : job_(job), best_(best), run_(run), team_(team)
    {
        use_.provenance = CalProvenance::bright_fallback_generated;
        use_.method = "nearest";
        if (best.calibration) use_ = *best.calibration;
        solutions_.push_back(best.calibration ? best.solutions : std::vector<CalTable>());
        best.nodes.reset();
    }

    void make_image(SelfCalRound& round) override
    {
        now_ = run_(imaging_job(job_), bringer(solutions_.at(static_cast<std::size_t>(round.number))));
        measure(now_, round);
    }

    void make_model(SelfCalRound const& from, SelfCalRound& round) override
    {
        std::int64_t n = 0;
        auto fluxes = ModelFluxes::of_the_sky;
        team_.agree(attempt([&] {
            if (!team_.leader()) return;
            auto const* model = find_product(best_.images, Product::model);
            NOCT_CHECK(model, "CLEAN without its model on the leader");
            auto const* pb = find_product(best_.images, Product::pb);
            if (!pb || find_task(job_, "image")->params.text("model-beam") == "none") fluxes = ModelFluxes::apparent;
            auto const components = read_sources(
                components_csv(best_.components, model->geometry, fluxes == ModelFluxes::of_the_sky ? pb : nullptr));
            auto const sources = model_sources(components, beam_rad_, from, "the image");
            round.model = sources_csv(sources);
            n = std::ssize(sources);
        }));
        round.model = team_.broadcast(round.model);
        round.n_sources = static_cast<int>(team_.broadcast(n));
        fluxes_ = static_cast<ModelFluxes>(team_.broadcast(static_cast<std::int64_t>(fluxes)));
    }

    void solve(SelfCalRound const& base, SelfCalRound& round) override
    {
        auto const& before = solutions_.at(static_cast<std::size_t>(base.number));
        auto const solved = run_(solving_job(job_, round, fluxes_, !before.empty()),
                                 before.empty() ? SolutionBringer() : bringer(before));
        auto tables = solved.solutions;
        team_.agree(attempt([&] {
            if (!before.empty()) tables = compose_gains(solved.header, before, tables);
        }));
        solutions_.resize(static_cast<std::size_t>(round.number) + 1);
        solutions_.back() = std::move(tables);
    }

    void settle(SelfCalRound const& round) override
    {
        if (round.kept) {
            best_ = std::move(now_);
            best_.nodes.reset();
        }
        now_ = {};
        if (team_.leader()) log_lines(describe(round) + "\n");
    }

    /// Noise, peak and beam of the CLEANed image, wherever it was made.
    void measure(GroupState& state, SelfCalRound& round)
    {
        auto const seen = look_at_image(state, team_);
        if (!seen)
            throw Error(Code::bad_config, "there is no CLEANed image to calibrate on", "niter is 0",
                        "say niter: 1000 in the task image, or rounds: none in the task selfcal");
        round.noise_jy = seen->noise_jy;
        round.peak_jy = seen->peak_jy;
        round.dynamic_range = seen->dynamic_range();
        beam_rad_ = seen->beam_rad;
    }

    CalibrationUse const& use() const { return use_; }

private:
    SolutionBringer bringer(std::vector<CalTable> const& tables) const
    {
        return [this, tables](GroupState& state, Ranks const&) {
            state.solutions = tables;
            state.calibration = use_;
        };
    }

    Job const& job_;
    GroupState& best_;
    GroupState now_;
    PassRunner const& run_;
    Ranks const& team_;
    CalibrationUse use_;
    std::vector<std::vector<CalTable>> solutions_;  ///< by round
    double beam_rad_ = 0;
    ModelFluxes fluxes_ = ModelFluxes::of_the_sky;
};

}  // namespace

bool wishes_selfcal(Job const& job)
{
    auto const* task = find_task(job, "selfcal");
    return task && task->params.text("rounds") != "none";
}

void check_selfcal(Job const& job)
{
    if (!wishes_selfcal(job)) return;
    auto const refuse = [](char const* reason, char const* what_to_do) {
        throw Error(Code::bad_config, "task selfcal cannot be done", reason, what_to_do);
    };
    if (!find_task(job, "image")) refuse("the job makes no image", "put it after the task image");
    if (find_task(job, "image")->params.integer("niter") == 0)
        refuse("niter is 0, so there is no model of the sky", "say niter: 1000 in the task image");
    check_model_of_rounds(find_task(job, "image")->params);
    if (find_task(job, "register"))
        refuse("what the job registers are the solutions of a calibrator",
               "register in one job, self-calibrate in another");
}

std::vector<SelfCalRound> self_calibrate_group(Job const& job, GroupState& state, PassRunner const& run,
                                               Ranks const& team)
{
    if (state.calibration && are_jones(state.solutions))
        throw Error(Code::bad_config, "no gains can be found on top of Jones matrices",
                    "the product of both is none of their tables", "correct by K, B and G, or say rounds: none");
    auto const modes = split_rounds(find_task(job, "selfcal")->params.text("rounds"), Code::bad_config);
    JobRounds steps(job, state, run, team);
    SelfCalRound first;
    first.kept = true;
    first.calibrated = state.calibration.has_value();
    steps.measure(state, first);
    std::vector<SelfCalRound> rounds{first};
    self_calibrate(modes, steps, rounds);
    if (best_of(rounds).number > 0 || state.calibration) {
        state.calibration = steps.use();
        state.calibration->rounds.assign(rounds.begin(), rounds.end());
        state.calibration->doubt = doubt_of_places(first, best_of(rounds).dynamic_range);
    }
    return rounds;
}

}  // namespace nocturne
