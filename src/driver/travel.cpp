// Enters: files and a job. Leaves: state. The chain of strategies stands here: only the driver sees what a solve made of the flags.
#include "driver/travel.hpp"

#include "driver/attempt.hpp"
#include "driver/beam_file.hpp"
#include "driver/kept_visibilities.hpp"
#include "driver/ms_source.hpp"
#include "driver/node_memory.hpp"
#include "driver/record_keeper.hpp"
#include "driver/register_solutions.hpp"
#include "driver/room.hpp"
#include "driver/run_files.hpp"
#include "driver/selfcal_task.hpp"
#include "driver/solve_intervals.hpp"
#include "driver/staging.hpp"
#include "driver/stop_signal.hpp"
#include "driver/tiers.hpp"
#include "driver/verify.hpp"
#include "driver/whole_set.hpp"
#include "nocturne/text.hpp"
#include "stages/image/channels.hpp"

#include <algorithm>
#include <filesystem>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

std::vector<std::string> paths_of(GroupWork const& work)
{
    std::vector<std::string> paths;
    for (auto const& file : work.files) paths.push_back(file.path);
    return paths;
}

/// A run makes a Measurement Set of each group, so it chooses the names.
std::unique_ptr<MsExport> open_measurement_set(Job const& job, GroupWork const& work, TeamContext const& context,
                                               std::vector<std::string> const& notes)
{
    auto const path = ms_path(context.request, work);
    auto const wish = ms_wish(job, path, {paths_of(work)});
    if (!wish) return nullptr;
    if (wish->path != path)
        throw Error(Code::bad_config, "parameter ms = '" + wish->path + "'", "a run makes one Measurement Set a group",
                    "say on, and find OUT/GROUP.ms; or convert one group by hand");
    return std::make_unique<MsExport>(*wish, context.team, context.request.command_line, &notes);
}

SolutionBringer bringer_of(GroupWork const& work, RunRequest const& request)
{
    auto const wish = solution_wish(request.job);
    if (!wish) return {};
    return [wish = *wish, chosen = work.solutions.value(), awaited = request.awaited](GroupState& state,
                                                                                      Ranks const& team) {
        team.agree(attempt([&] {
            if (wish.registry && awaited)
                throw Error(Code::transient, "the solutions for group " + state.header.group_id + " are not all there",
                            "a calibrator is left for a rerun, most often because another run is at work on it",
                            "run the same command again");
            bring_solutions(chosen, wish, state);
        }));
    };
}

/// The preset of flags that a job tries at the n-th attempt; nothing after the last.
std::optional<std::string> strategy_of(Job const& job, std::size_t n)
{
    for (auto const& task : job.tasks) {
        if (task.stage->name != "flag") continue;
        auto const words = split_paths(task.params.text("strategy"));
        if (n < words.size()) return words[n];
    }
    return std::nullopt;
}

bool solves(Job const& job)
{
    return std::any_of(job.tasks.begin(), job.tasks.end(),
                       [](Task const& task) { return task.stage->name == "solve"; });
}

/// The job with one strategy of its list.
Job with_strategy(Job job, std::string const& strategy)
{
    for (auto& task : job.tasks) {
        if (task.stage->name != "flag") continue;
        auto values = task.params.values();
        values["strategy"] = strategy;
        task.params = Params(task.stage->params, values);
    }
    return job;
}

class Traveller {
public:
    Traveller(GroupWork& work, TeamContext const& context, std::optional<KeptSet> kept)
        : work_(work), context_(context), job_(context.request.job)
    {
        if (kept) std::erase_if(job_.tasks, [](Task const& task) { return task.stage->name == "export"; });
        result_.kept = std::move(kept);
    }

    Travelled run()
    {
        try {
            within_group([&] {
                check_selfcal(job_);
                if (wishes_selfcal(job_) && !context_.request.keep_visibilities.empty())
                    throw Error(Code::usage, "--keep-visibilities with the task selfcal",
                                "the image is that of the best round, which nobody knows before",
                                "keep them of nocturne image --solutions GROUP-selfcal.h5");
                check_files();
            });
            follow_strategies();
        } catch (Error const& error) {
            result_.failure = error;
        }
        return std::move(result_);
    }

private:
    template<class Work>
    void within_group(Work const& work)
    {
        within("group " + work_.group_id, work);
    }

    void check_files()
    {
        stage();
        auto here = work_.files;
        for (std::size_t i = 0; i < here.size(); ++i) here[i].path = staged_->paths()[i];
        auto const check = [&] {
            stamps_ = within("stage verify", [&] { return check_inputs(staged_->paths(), context_.team); });
            verify_files(here, context_.team, result_.ledger);
        };
        if (staged_->paths() == paths_of(work_))
            check();
        else
            within("copies of " + std::filesystem::path(work_.files.front().path).parent_path().string(), check);
        for (std::size_t i = 0; i < here.size(); ++i) work_.files[i].xxh128 = here[i].xxh128;
        context_.team.agree(attempt([&] {
            if (context_.team.leader())  // a result that is recorded later brings them along
                context_.keeper->ask_now([&](db::Session& session) { db::record_hashes(session, work_.files); });
        }));
    }

    /// Where products go, and memory; once before files are copied, once with the group's channels.
    void check_places(GroupHeader const* header) const
    {
        check_room(job_, context_.request.out, header);
        check_memory(job_, context_.device, available_memory(), header);
    }

    void stage()
    {
        auto const& request = context_.request;
        StageRequest wish{request.stage, context_.run_id + "-" + file_stem(work_.group_id),
                          [] { return StopSignal::requested(); }, request.max_readers};
        context_.team.agree(attempt([&] {
            if (context_.team.leader()) check_places(nullptr);
            std::optional<LedgerScope> copying;
            if (!request.stage.empty()) copying.emplace(result_.ledger, "stage");
            within("stage copy", [&] { staged_.emplace(paths_of(work_), wish); });
        }));
    }

    /// Errors are the same on all ranks, so all go on, or stop, together.
    void follow_strategies()
    {
        auto const& job = job_;
        for (std::size_t n = 0;; ++n) {
            auto const strategy = strategy_of(job, n);
            std::optional<Error> failure;
            try {
                within_group([&] { go(strategy ? with_strategy(job, *strategy) : job); });
            } catch (Error const& error) {
                failure = error;
            }
            if (strategy) note(*strategy, failure);
            bool const again = failure && failure->code() == Code::qa_fail && strategy_of(job, n + 1);
            if (failure && !again) throw *failure;
            if (!failure) return;
            if (context_.team.leader())
                spdlog::warn("{}: flags of strategy {}: {}; next is {}", work_.group_id, *strategy, failure->what(),
                             *strategy_of(job, n + 1));
        }
    }

    void note(std::string const& strategy, std::optional<Error> const& failure)
    {
        if (result_.attempts.is_null())
            result_.attempts = {
                {"success", false}, {"strategy", strategy}, {"attempts", 0}, {"tried", nlohmann::json::array()}};
        auto const& counts = result_.state.counts;
        double const share =
            counts.total() > 0 ? 1 - static_cast<double>(counts.used) / static_cast<double>(counts.total()) : 0;
        result_.attempts["success"] = !failure;
        result_.attempts["strategy"] = strategy;
        result_.attempts["attempts"] = result_.attempts["attempts"].get<int>() + 1;
        result_.attempts["flagged_fraction"] = share;
        result_.attempts["tried"].push_back(
            {{"strategy", strategy},
             {"flagged_fraction", share},
             {"verdict", failure ? "fail" : name(result_.quality.value_or(SolutionQuality{}).verdict)},
             {"reason", failure           ? failure->what()
                        : result_.quality ? join(result_.quality->reasons, "; ")
                                          : ""}});
    }

    SourceOptions source_of(Job const& job) const
    {
        SourceOptions options{staged_->paths(), work_.expected_subbands, work_.group_id,
                              span_memory(context_.device, context_.request.memory_gb)};
        options.max_readers = context_.request.max_readers;
        options.ms = ms_options(job);
        return options;
    }

    void go(Job const& job, std::vector<std::string> const& notes = {})
    {
        KeptVisibilities kept(context_.request.keep_visibilities, context_.team.size());
        result_.notes = notes;
        result_.ms = open_measurement_set(job, work_, context_, result_.notes);
        auto const write_block = result_.ms ? result_.ms->sink() : BlockSink();
        auto const channels_fit = [this](GroupHeader const& header) { check_places(&header); };
        result_.state = run_files(
            {source_of(job), job.passes(), kept.sink(), stamps_, write_block, bringer_of(work_, context_.request),
             &result_.notes, context_.pulse, channels_fit, beam_file_of(job)},
            context_.team, context_.device, result_.ledger);
        if (auto const finer = follow_drift(job, result_.state.solutions, result_.state.header.integration_s.front())) {
            if (context_.team.leader()) spdlog::warn("{}: {}", work_.group_id, finer->note);
            go(finer->job, {finer->note});
            return;
        }
        if (registration_wish(job)) within("stage register", [&] { check_kinds(result_.state.solutions); });
        if (registration_wish(job) || (strategy_of(job, 0) && solves(job))) judge();
        if (result_.ms) result_.ms->finish(result_.ledger);
        if (context_.team.leader()) kept.write(result_.state.header.freq_hz);
        if (wishes_selfcal(job)) refine(job);
    }

    void refine(Job const& job)
    {
        auto const run = [&](Job const& round, SolutionBringer bring) {
            return run_files({source_of(round),
                              round.passes(),
                              {},
                              stamps_,
                              {},
                              std::move(bring),
                              nullptr,
                              context_.pulse,
                              {},
                              beam_file_of(round)},
                             context_.team, context_.device, result_.ledger);
        };
        within("stage selfcal", [&] {
            auto const rounds = self_calibrate_group(job, result_.state, run, context_.team);
            for (auto const& round : rounds) result_.notes.push_back(describe(round));
            tell(work_.group_id, notes_of_rounds(rounds), &result_.notes, context_.team);
            result_.self_calibrated = best_of(rounds).number > 0;
        });
    }

    /// Every rank has all solutions, so each comes to the same verdict.
    void judge()
    {
        result_.quality = judge_solutions(result_.state.solutions);
        if (result_.quality->verdict == QualityVerdict::fail)
            within("stage register", [&] {
                throw Error(
                    Code::qa_fail, "the solutions are not good enough", join(result_.quality->reasons, "; "),
                    remedy(*result_.quality, "strategy: default,aggressive; antennas that are named: flag-antennas") +
                        "; nothing was registered");
            });
        if (result_.quality->verdict == QualityVerdict::warn)
            tell(work_.group_id, {"QA warns of the solutions: " + join(result_.quality->reasons, "; ")}, &result_.notes,
                 context_.team);
    }

    GroupWork& work_;
    TeamContext const& context_;
    Job job_;
    Travelled result_;
    std::optional<StagedFiles> staged_;
    std::vector<FileStamp> stamps_;
};

}  // namespace

std::optional<RegistrationWish> registration_wish(Job const& job)
{
    for (auto const& task : job.tasks)
        if (task.stage->name == "register") return RegistrationWish{task.params.number("valid-hours")};
    return std::nullopt;
}

std::string ms_path(RunRequest const& request, GroupWork const& work)
{
    auto const tail = is_quicklook(tier_of(request.job)) ? "-quicklook.ms" : ".ms";
    return (std::filesystem::path(request.out) / (file_stem(work.group_id) + tail)).string();
}

bool stands_as_set(db::ProductRow const& set, RunRequest const& request, GroupWork const& work)
{
    std::error_code missing;
    auto const of_science = (std::filesystem::path(request.out) / (file_stem(work.group_id) + ".ms")).string();
    bool const here =
        std::filesystem::equivalent(set.path, ms_path(request, work), missing) ||
        (is_quicklook(tier_of(request.job)) && std::filesystem::equivalent(set.path, of_science, missing));
    return here && is_whole_set(set.path, set.quality_json);
}

Travelled travel(GroupWork& work, TeamContext const& context, std::optional<KeptSet> kept)
{
    return Traveller(work, context, std::move(kept)).run();
}

}  // namespace nocturne
