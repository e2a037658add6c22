// Enters: a request on every rank. Leaves: every group of the worklist done, failed or left, and the run's record.
#include "driver/run_job.hpp"

#include "db/submitted_runs.hpp"
#include "driver/attempt.hpp"
#include "driver/ms_export.hpp"
#include "driver/node_health.hpp"
#include "driver/progress.hpp"
#include "driver/run_record.hpp"
#include "driver/team_run.hpp"
#include "driver/worklist.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include <unistd.h>

namespace nocturne {
namespace {

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
    Survey found;
    std::string run_id;
};

/// The device of each rank; where one has none, all learn it.
Device device_of_rank(std::string const& backend, Ranks const& world)
{
    Device device;
    world.agree(attempt([&] { device = make_device(backend, local_rank()); }));
    return device;
}

nlohmann::json configuration_of(std::vector<Job> const& jobs)
{
    if (jobs.size() == 1) return jobs.front().configuration_with_origin();
    nlohmann::json all;
    for (auto const& job : jobs) all["jobs"].push_back(job.configuration_with_origin());
    return all;
}

/// Of the file, or of its one job that is to be done.
std::string name_of(RunRequest const& request)
{
    auto const& first = request.jobs.front().name;
    for (auto const& job : request.jobs)
        if (job.id == request.only_job) return job.name;
    return request.jobs.size() == 1 ? first : first.substr(0, first.rfind('.'));
}

/// Groups that no job can work on fail the run; where each job has its own, the last one's.
bool answers_for_unfit(RunRequest const& request)
{
    return request.only_job.empty() || request.only_job == request.jobs.back().id;
}

/// The leader's part before the work: database, scan, the run's row.
Opened open_run(RunRequest const& request, Device const& device, int ranks)
{
    Opened opened;
    check_output(request.out);
    for (auto const& job : request.jobs)
        ms_wish(job, (std::filesystem::path(request.out) / "GROUP.ms").string(), {{}, request.incoming});
    opened.session.emplace(db::Session::open(request.database));
    auto const where = look_around(device);
    db::recover_abandoned(*opened.session);
    db::recover_earlier(*opened.session, where.slurm_job_id, where.restart_count);
    opened.found = survey(request, *opened.session);
    db::RunStart start{where.announced_run,
                       name_of(request),
                       request.command_line,
                       configuration_of(request.jobs).dump(),
                       code_version(),
                       where.host,
                       where.device,
                       where.device_uuid,
                       ranks,
                       where.slurm_job_id,
                       where.restart_count};
    opened.run_id = start.run_id;
    if (start.run_id.empty() || !db::begin_announced(*opened.session, start)) {
        start.run_id.clear();
        opened.run_id = db::start_run(*opened.session, start);
    }
    return opened;
}

nlohmann::json share_worklist(Worklist const& work, Ranks const& world)
{
    auto list = nlohmann::json::array();
    for (auto const& one : work.todo) list.push_back(to_json(one));
    return nlohmann::json::parse(world.broadcast(world.leader() ? list.dump() : ""));
}

struct Tally {
    std::vector<std::string> done, taken;
    Ledger ledger;
    double cpu_hours = 0, peak_gb = 0;                                 ///< sum and maximum over the ranks
    std::int64_t skipped = 0, others = 0, untouched = 0, limited = 0;  ///< groups
};

/// Several teams may have found the same group in the hands of another run, and one may have got it in the end.
void drop_repeats(std::vector<GroupFailure>& failures, std::vector<std::string> const& done)
{
    std::set<std::string> seen(done.begin(), done.end());
    std::erase_if(failures, [&](GroupFailure const& failure) { return !seen.insert(failure.group_id).second; });
}

/// The leader puts the teams' results of one job together.
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

/// Of groups that a team passed over, those that no team of this run did or failed at.
std::int64_t done_by_others(Tally const& tally, RunReport const& report)
{
    std::set<std::string> ours(tally.done.begin(), tally.done.end()), others;
    for (auto const& failure : report.failures) ours.insert(failure.group_id);
    for (auto const& group : tally.taken)
        if (!ours.count(group)) others.insert(group);
    return static_cast<std::int64_t>(others.size());
}

/// Failures from `first` on that a rerun may do away with.
std::int64_t left_behind(std::vector<GroupFailure> const& failures, std::size_t first)
{
    return std::count_if(failures.begin() + static_cast<std::ptrdiff_t>(first), failures.end(),
                         [](GroupFailure const& f) { return f.code == exit_code(Code::transient); });
}

/// status.json and result.json, on the leading rank, where they are wanted.
std::unique_ptr<RunRecord> make_record(RunRequest const& request, Device const& device, std::string const& run_id)
{
    auto const where = look_around(device);
    if (!request.record.empty()) return std::make_unique<RunRecord>(request.record, run_id, where);
    if (where.slurm_job_id.empty()) return nullptr;
    return std::make_unique<RunRecord>(request.out + "/runs/" + run_id, run_id, where);
}

/// The run, job after job; what it adds up to is complete on the leader.
class JobSequence {
public:
    JobSequence(RunRequest const& request, Ranks const& world, Ranks const& team, Device const& device, Opened& opened)
        : request_(request),
          world_(world),
          team_(team),
          device_(device),
          opened_(opened),
          progress_(request.progress && team.leader())
    {
        report_.run_id = world.broadcast(opened.run_id);
        if (world.leader()) record_ = make_record(request, device, report_.run_id);
        if (record_) progress_.tell_too(*record_);
        if (world.leader()) progress_.surveyed(opened.found);
    }

    RunReport run(Stopwatch const& watch)
    {
        for (std::size_t i = 0; i < request_.jobs.size(); ++i)
            if (request_.only_job.empty() || request_.only_job == request_.jobs[i].id) run_one(i);
        on_leader(world_, [&] {
            finish(watch);
            progress_.ended(report_, sum_.ledger);
        });
        report_.exit_code = static_cast<int>(world_.broadcast(std::int64_t(report_.exit_code)));
        return report_;
    }

private:
    void run_one(std::size_t index);
    void add(Worklist const& work, Tally const& tally, std::size_t failures_before);
    void finish(Stopwatch const& watch);

    RunRequest const& request_;
    Ranks const& world_;
    Ranks const& team_;
    Device const& device_;
    Opened& opened_;
    std::unique_ptr<RunRecord> record_;  ///< on the leader
    Progress progress_;
    RunReport report_;
    Tally sum_;
    std::int64_t begun_ = 0;         ///< groups that --limit counts
    std::set<std::string> awaited_;  ///< jobs with groups that only a rerun can do; the same on every rank
};

void JobSequence::run_one(std::size_t index)
{
    RunRequest request = request_;
    request.job = request.jobs[index];
    request.awaited = std::any_of(request.job.needs.begin(), request.job.needs.end(),
                                  [&](std::string const& need) { return awaited_.count(need) > 0; });
    Worklist work;
    on_leader(world_, [&] {
        if (request.limit >= 0) request.limit = std::max<std::int64_t>(0, request.limit - begun_);
        work = make_worklist(request, opened_.found.groups[index], *opened_.session, backend_of(device_));
        if (!request.keep_visibilities.empty() && work.todo.size() > 1)
            throw Error(Code::usage, "--keep-visibilities with several groups", "one file holds one group",
                        "choose it with --group");
        progress_.job_started(work, request, world_.size());
    });
    auto const list = share_worklist(work, world_);
    progress_.expect(list.size());
    std::optional<Error> fatal;
    nlohmann::json mine;
    try {
        mine = TeamRun(request, world_, team_, device_, report_.run_id).work_through(list, progress_);
    } catch (Error const& error) {
        fatal = error;
    }
    world_.agree(fatal);
    auto const failures_before = report_.failures.size();
    auto const tally = collect(std::move(mine), world_, team_.leader(), report_);
    if (world_.leader()) add(work, tally, failures_before);
    if (world_.broadcast(left_behind(report_.failures, failures_before)) > 0) awaited_.insert(request.job.id);
}

void JobSequence::add(Worklist const& work, Tally const& tally, std::size_t failures_before)
{
    auto const others = done_by_others(tally, report_);
    auto const n = static_cast<std::int64_t>(work.todo.size());
    begun_ += n;
    sum_.skipped += work.skipped + others;
    sum_.limited += work.beyond_limit;
    sum_.untouched +=
        n - std::ssize(tally.done) - others - static_cast<std::int64_t>(report_.failures.size() - failures_before);
    report_.failures.insert(report_.failures.end(), work.unfit.begin(), work.unfit.end());
    sum_.done.insert(sum_.done.end(), tally.done.begin(), tally.done.end());
    sum_.ledger.append(tally.ledger);
    sum_.cpu_hours = tally.cpu_hours;  // since the program began
    sum_.peak_gb = tally.peak_gb;
}

void JobSequence::finish(Stopwatch const& watch)
{
    auto const dropped = left_behind(report_.failures, 0);
    auto const& found = opened_.found;
    report_.done = std::ssize(sum_.done);
    report_.skipped = sum_.skipped;
    if (answers_for_unfit(request_))
        report_.failures.insert(report_.failures.end(), found.unfit.begin(), found.unfit.end());
    report_.failed = std::ssize(report_.failures) - dropped;
    report_.left = sum_.untouched + dropped + found.waiting + sum_.limited;
    report_.exit_code = exit_code_of(report_.failures, sum_.untouched);
    report_.wall_s = watch.seconds();
    auto const status = report_.exit_code == 0 ? db::RunStatus::completed : db::RunStatus::failed;
    auto const error = report_.failures.empty() ? "" : report_.failures.front().message;
    if (record_) {
        std::set<std::string> groups;
        for (auto const& list : found.groups) groups.insert(list.begin(), list.end());
        record_->finish(report_, *opened_.session, request_.out, groups);
    }
    db::finish_run(*opened_.session, report_.run_id, {status, report_.exit_code, sum_.cpu_hours, sum_.peak_gb, error});
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
    world.agree(attempt([&] { check_node(request, device); }));
    auto const team = world.teams(request.ranks_per_group);
    Opened opened;
    on_leader(world, [&] { opened = open_run(request, device, world.size()); });
    return JobSequence(request, world, team, device, opened).run(watch);
}

}  // namespace nocturne
