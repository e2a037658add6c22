// Enters: a request on every rank. Leaves: every group of the worklist done, failed or left, and the run's record.
#include "driver/run_job.hpp"

#include "driver/attempt.hpp"
#include "driver/ms_export.hpp"
#include "driver/progress.hpp"
#include "driver/stop_signal.hpp"
#include "driver/worklist.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <unistd.h>

namespace nocturne {
namespace {

std::string backend_of(Device const& device) { return is_host(device) ? "kokkos" : "cuda"; }

/// Found out before work starts, not after: can products be written to `out`?
void check_output(std::string const& out)
{
    std::error_code failure;
    std::filesystem::create_directories(out, failure);
    if (failure || access(out.c_str(), W_OK) != 0)
        throw Error(Code::cannot_create, "cannot write products to " + out,
                    failure ? failure.message() : "no permission", "choose another --arg out=DIR");
}

struct Opened {
    std::optional<db::Session> session;
    Worklist work;
    std::string run_id;
};

/// The device of each rank; where one has none, all learn it.
Device device_of_rank(std::string const& backend, Ranks const& world)
{
    Device device;
    world.agree(attempt([&] { device = make_device(backend, local_rank()); }));
    return device;
}

/// The leader's part before the work: database, scan, the run's row.
Opened open_run(RunRequest const& request, Device const& device, int ranks)
{
    Opened opened;
    check_output(request.out);
    ms_wish(request.job, (std::filesystem::path(request.out) / "GROUP.ms").string(), {{}, request.incoming});
    opened.session.emplace(db::Session::open(request.database));
    db::recover_abandoned(*opened.session);
    opened.work = make_worklist(request, *opened.session, backend_of(device));
    if (!request.keep_visibilities.empty() && opened.work.todo.size() > 1)
        throw Error(Code::usage, "--keep-visibilities with several groups", "one file holds one group",
                    "choose it with --group");
    auto const where = look_around(device);
    opened.run_id = db::start_run(
        *opened.session,
        {"", request.job.name, request.command_line, request.job.configuration_with_origin().dump(), code_version(),
         where.host, where.device, where.device_uuid, ranks, where.slurm_job_id, where.restart_count});
    return opened;
}

/// Runs `work` on the leader; its error is everybody's.
template<class Work>
void on_leader(Ranks const& ranks, Work const& work)
{
    ranks.agree(attempt([&] {
        if (ranks.leader()) work();
    }));
}

nlohmann::json share_worklist(Opened const& opened, Ranks const& world)
{
    nlohmann::json list{{"run_id", opened.run_id}, {"todo", nlohmann::json::array()}};
    for (auto const& work : opened.work.todo) list["todo"].push_back(to_json(work));
    return nlohmann::json::parse(world.broadcast(world.leader() ? list.dump() : ""));
}

/// One team's way through the list. Groups that another team or job took are passed over.
class TeamRun {
public:
    TeamRun(RunRequest const& request, Ranks const& world, Ranks const& team, Device const& device, std::string run_id)
        : team_(team), context_{request,           team,         nullptr,     device, look_around(device),
                                std::move(run_id), world.rank(), world.size()}
    {
        on_leader(team, [&] { session_.emplace(db::Session::open(request.database, db::OpenMode::existing)); });
        context_.session = session_ ? &*session_ : nullptr;
    }

    /// Counts and failures of this team, on its leader.
    nlohmann::json work_through(nlohmann::json const& todo, Progress& progress)
    {
        for (auto const& item : todo) {
            if (team_.broadcast(std::int64_t(StopSignal::requested()))) break;
            auto const work = work_from_json(item);
            GroupOutcome outcome;
            std::optional<Error> fatal;
            progress.group_begun(work.group_id);
            context_.pulse = [&progress](std::string const& where) { progress.show(where); };
            try {
                outcome = work_on(work, context_);
            } catch (Error const& error) {
                fatal = error;
            }
            team_.agree(fatal);
            if (team_.leader()) note(work, outcome, progress);
        }
        return result_;
    }

private:
    void note(GroupWork const& work, GroupOutcome const& outcome, Progress& progress)
    {
        if (outcome.end == GroupEnd::done) {
            result_["done"].push_back(work.group_id);
            result_["reports"].push_back(outcome.report_path);
            result_["ledgers"].push_back(outcome.ledger_json);
        } else if (outcome.end == GroupEnd::skipped) {
            result_["taken"].push_back(work.group_id);
        } else {
            auto const& f = outcome.failure;
            result_["failures"].push_back(
                {{"group_id", f.group_id}, {"stage", f.stage}, {"code", f.code}, {"message", f.message}});
        }
        progress.group_ended(work, outcome);
    }

    Ranks const& team_;
    std::optional<db::Session> session_;
    TeamContext context_;
    nlohmann::json result_{{"done", nlohmann::json::array()},
                           {"taken", nlohmann::json::array()},
                           {"failures", nlohmann::json::array()},
                           {"reports", nlohmann::json::array()},
                           {"ledgers", nlohmann::json::array()}};
};

struct Tally {
    std::vector<std::string> done, taken;
    Ledger ledger;
    double cpu_hours = 0, peak_gb = 0;  ///< sum and maximum over the ranks
};

/// Several teams may have found the same group in the hands of another run, and one may have got it in the end.
void drop_repeats(std::vector<GroupFailure>& failures, std::vector<std::string> const& done)
{
    std::set<std::string> seen(done.begin(), done.end());
    std::erase_if(failures, [&](GroupFailure const& failure) { return !seen.insert(failure.group_id).second; });
}

/// The leader puts the teams' results together.
Tally collect(nlohmann::json mine, Ranks const& world, bool team_leader, RunReport& report)
{
    mine["cpu_hours"] = cpu_hours();
    mine["peak_gb"] = peak_memory_gb();
    if (!team_leader) mine.erase("done");  // counted by the leader of its team
    Tally tally;
    for (auto const& text : world.gather(mine.dump())) {
        auto const part = nlohmann::json::parse(text);
        tally.cpu_hours += part["cpu_hours"].get<double>();
        tally.peak_gb = std::max(tally.peak_gb, part["peak_gb"].get<double>());
        if (!part.contains("done")) continue;
        for (auto const& group : part["done"]) tally.done.push_back(group);
        for (auto const& group : part["taken"]) tally.taken.push_back(group);
        for (auto const& page : part["reports"]) report.reports.push_back(page);
        Ledger of_team;
        for (auto const& ledger : part["ledgers"])
            of_team.append(Ledger::from_json(nlohmann::ordered_json::parse(ledger.get<std::string>())));
        tally.ledger.merge(of_team);
        for (auto const& f : part["failures"])
            report.failures.push_back({f["group_id"], f["stage"], f["message"], f["code"]});
    }
    drop_repeats(report.failures, tally.done);
    return tally;
}

/// Groups that this run passed over because another job had taken them.
std::int64_t done_by_others(Tally const& tally, RunReport const& report)
{
    std::set<std::string> ours(tally.done.begin(), tally.done.end()), others;
    for (auto const& failure : report.failures) ours.insert(failure.group_id);
    for (auto const& group : tally.taken)
        if (!ours.count(group)) others.insert(group);
    return static_cast<std::int64_t>(others.size());
}

void finish(RunReport& report, Opened& opened, Tally const& tally, Stopwatch const& watch)
{
    auto const others = done_by_others(tally, report);
    auto const dropped = std::count_if(report.failures.begin(), report.failures.end(),
                                       [](GroupFailure const& f) { return f.code == exit_code(Code::transient); });
    report.done = static_cast<std::int64_t>(tally.done.size());
    report.skipped = opened.work.skipped + others;
    auto const todo = static_cast<std::int64_t>(opened.work.todo.size());
    auto const untouched = todo - report.done - others - static_cast<std::int64_t>(report.failures.size());
    report.failures.insert(report.failures.end(), opened.work.unfit.begin(), opened.work.unfit.end());
    report.failed = static_cast<std::int64_t>(report.failures.size()) - dropped;
    report.left = untouched + dropped + opened.work.waiting + opened.work.beyond_limit;
    report.exit_code = exit_code_of(report.failures, untouched);
    report.wall_s = watch.seconds();
    auto const status = report.exit_code == 0 ? db::RunStatus::completed : db::RunStatus::failed;
    auto const error = report.failures.empty() ? "" : report.failures.front().message;
    db::finish_run(*opened.session, report.run_id, {status, report.exit_code, tally.cpu_hours, tally.peak_gb, error});
}

}  // namespace

int exit_code_of(std::vector<GroupFailure> const& failures, std::int64_t left)
{
    auto const any = [&](int code) {
        return std::any_of(failures.begin(), failures.end(), [&](GroupFailure const& f) { return f.code == code; });
    };
    if (left > 0 || any(exit_code(Code::transient))) return exit_code(Code::transient);
    for (int code : {1, 74, 73, 71, 69, 66, 65, 3})
        if (any(code)) return code;
    return failures.empty() ? 0 : failures.front().code;
}

RunReport run_job(RunRequest const& request, Ranks const& world)
{
    Stopwatch watch;
    auto const device = device_of_rank(request.backend, world);
    auto const team = world.teams(request.ranks_per_group);
    Opened opened;
    on_leader(world, [&] { opened = open_run(request, device, world.size()); });
    auto const list = share_worklist(opened, world);
    RunReport report;
    report.run_id = list["run_id"];
    Progress progress(list["todo"].size(), request.progress && team.leader());
    if (world.leader()) progress.started(opened.work, request, world.size());
    std::optional<Error> fatal;
    nlohmann::json mine;
    try {
        mine = TeamRun(request, world, team, device, report.run_id).work_through(list["todo"], progress);
    } catch (Error const& error) {
        fatal = error;
    }
    world.agree(fatal);
    auto const tally = collect(std::move(mine), world, team.leader(), report);
    on_leader(world, [&] {
        finish(report, opened, tally, watch);
        progress.ended(report, tally.ledger);
    });
    report.exit_code = static_cast<int>(world.broadcast(std::int64_t(report.exit_code)));
    return report;
}

}  // namespace nocturne
