// Enters: a request on every rank. Leaves: every group of the worklist done, failed or left, and the run's record.
#include "driver/run_job.hpp"

#include "db/done_before.hpp"
#include "db/unclaimed.hpp"
#include "driver/asks_for.hpp"
#include "driver/attempt.hpp"
#include "driver/gpu_sums.hpp"
#include "driver/node_health.hpp"
#include "driver/open_run.hpp"
#include "driver/prometheus.hpp"
#include "driver/record_keeper.hpp"
#include "driver/register_again.hpp"
#include "driver/shared_looks.hpp"
#include "driver/stop_signal.hpp"
#include "driver/team_run.hpp"
#include "driver/worklist.hpp"
#include "io/product_paths.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <set>
#include <thread>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

/// The device of each rank, of one kind on all; where one has none, all learn it.
Device device_of_rank(std::string const& backend, Ranks const& world)
{
    Device device;
    world.agree(attempt([&] { device = make_device(backend, local_rank()); }));
    bool const some_gpu = world.maximum(is_host(device) ? 0 : 1) > 0;
    world.agree(unlike_others(is_host(device), some_gpu, host_name()));
    return device;
}

/// Groups that no job can work on fail the run; where each job has its own, the last one's. A job answers for its own slips.
bool answers_for(GroupFailure const& unfit, RunRequest const& request)
{
    return request.only_job.empty() || request.only_job == request.jobs.back().id || unfit.stage == slip_of_a_job;
}

nlohmann::json share_worklist(Worklist const& work, Ranks const& world)
{
    auto list = nlohmann::json::array();
    for (auto const* part : {&work.todo, &work.spare})
        for (auto const& one : *part) list.push_back(to_json(one));
    return nlohmann::json::parse(world.broadcast(world.leader() ? list.dump() : ""));
}

/// The run, job after job; what it adds up to is complete on the leader.
class JobSequence {
public:
    /// `record`: on the leader, where one was asked for.
    JobSequence(RunRequest const& request, Ranks const& world, Ranks const& team, Device const& device, Opened& opened,
                std::unique_ptr<RunRecord>& record)
        : request_(request),
          world_(world),
          team_(team),
          device_(device),
          opened_(opened),
          record_(record),
          progress_(team.leader(), !request.progress)
    {
        report_.run_id = world.broadcast(opened.run_id);
        world.agree(attempt([&] {
            if (team.leader()) make_keeper();
        }));
        if (world.leader() && !record_) record_ = record_of_job(request, report_.run_id);
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
        world_.agree(attempt([&] {
            if (keeper_) keeper_->close();
        }));
        report_.exit_code = static_cast<int>(world_.broadcast(std::int64_t(report_.exit_code)));
        return report_;
    }

private:
    void run_one(std::size_t index);
    void make_keeper();
    std::int64_t add(Worklist const& work, Tally const& tally, std::size_t failures_before);
    void finish(Stopwatch const& watch);
    void to_be_run_again();
    void record_unclaimed();
    std::string first_error() const;
    EndedRun end_of_run() const;
    void end_run();
    void tell_end();
    std::vector<db::ListedProduct> recorded_products(db::Session& session) const;
    PrometheusRun metrics() const;

    RunRequest const& request_;
    Ranks const& world_;
    Ranks const& team_;
    Device const& device_;
    Opened& opened_;
    std::unique_ptr<RecordKeeper> keeper_;  ///< on leaders of teams
    std::unique_ptr<RunRecord>& record_;    ///< on the leader
    Progress progress_;
    RunReport report_;
    Tally sum_;
    std::int64_t begun_ = 0;                ///< groups that --limit counts
    std::vector<db::ListedProduct> found_;  ///< what stood when groups were found done, where there is a record
    std::set<std::string> awaited_;         ///< jobs with groups that only a rerun can do; the same on every rank
};

/// The first team's leader has opened the database already.
void JobSequence::make_keeper()
{
    auto session = opened_.session ? std::move(*opened_.session) : open_at_start(request_, db::OpenMode::existing);
    check_clock_beside(session);
    keeper_ =
        std::make_unique<RecordKeeper>(KeeperArgs{request_.database, request_.spool, report_.run_id, world_.rank(),
                                                  request_.database_wait_s, [] { return StopSignal::requested(); }},
                                       std::move(session));
    if (!world_.leader()) return;
    auto const where = look_around(device_);
    keeper_->emit({keeper_->events().make({}, "started", {},
                                          {{"job", job_name(request_)},
                                           {"ranks", world_.size()},
                                           {"host", where.host},
                                           {"device", where.device},
                                           {"hpc_job_id", where.slurm_job_id},
                                           {"restart_count", where.restart_count}})});
}

void JobSequence::run_one(std::size_t index)
{
    RunRequest request = request_;
    request.job = request.jobs[index];
    request.awaited = std::any_of(request.job.needs.begin(), request.job.needs.end(),
                                  [&](std::string const& need) { return awaited_.count(need) > 0; });
    Worklist work;
    std::int64_t left = 0;  // groups that nobody could ask for, or came to
    on_leader(world_, [&] {
        if (request.limit >= 0) request.limit = std::max<std::int64_t>(0, request.limit - begun_);
        auto const& groups = opened_.found.groups[index];
        bool const answered = keeper_->ask([&](db::Session& session) {
            work = make_worklist(request, groups, session, backend_of(device_));
            register_again(request, session, work);
            for (auto const& group : work.open) db::settle_done(session, group.group_id, group.last_update_s);
            if (record_ && work.skipped > 0 && found_.empty()) found_ = recorded_products(session);
        });
        if (!answered) sum_.untouched += (left = std::ssize(groups));
        if (!request.keep_visibilities.empty() && work.todo.size() > 1)
            throw Error(Code::usage, "--keep-visibilities with several groups", "one file holds one group",
                        "choose it with --group");
        progress_.job_started(work, request, world_.size());
    });
    request.limit = world_.broadcast(request.limit);
    auto const list = share_worklist(work, world_);
    progress_.expect(std::min(list.size(), work.todo.empty() ? list.size() : work.todo.size()));
    std::optional<Error> fatal;
    nlohmann::json mine;
    try {
        mine = TeamRun(request, world_, team_, device_, report_.run_id, keeper_.get()).work_through(list, progress_);
    } catch (Error const& error) {
        fatal = error;
    }
    world_.agree(fatal);
    auto const failures_before = report_.failures.size();
    auto const tally = collect(std::move(mine), world_, team_.leader(), report_);
    if (world_.leader()) left += add(work, tally, failures_before) + left_behind(report_.failures, failures_before);
    if (world_.broadcast(left) > 0) awaited_.insert(request.job.id);
}

/// Returns how many groups of the list nobody came to.
std::int64_t JobSequence::add(Worklist const& work, Tally const& tally, std::size_t failures_before)
{
    auto const others = done_by_others(tally, report_);
    auto const n = std::ssize(work.todo) + std::ssize(work.spare);
    auto const begun = std::ssize(tally.done) + static_cast<std::int64_t>(report_.failures.size() - failures_before);
    begun_ += begun;
    sum_.skipped += work.skipped + others;
    auto const left = n - begun - others;
    auto const limited = request_.limit < 0 ? 0 : tally.stopped ? std::min(left, std::ssize(work.spare)) : left;
    auto const untouched = left - limited;
    sum_.limited += limited;
    sum_.untouched += untouched;
    report_.failures.insert(report_.failures.end(), work.unfit.begin(), work.unfit.end());
    sum_.done.insert(sum_.done.end(), tally.done.begin(), tally.done.end());
    sum_.products.insert(sum_.products.end(), tally.products.begin(), tally.products.end());
    sum_.ledger.append(tally.ledger);
    sum_.cpu = tally.cpu;  // since the program began
    sum_.peak_gb = tally.peak_gb;
    sum_.unrecorded = tally.unrecorded;
    return untouched;
}

void JobSequence::finish(Stopwatch const& watch)
{
    auto const dropped = left_behind(report_.failures, 0);
    auto const& found = opened_.found;
    report_.done = std::ssize(sum_.done);
    report_.skipped = sum_.skipped;
    std::copy_if(found.unfit.begin(), found.unfit.end(), std::back_inserter(report_.failures),
                 [&](GroupFailure const& unfit) { return answers_for(unfit, request_); });
    report_.failed = std::ssize(report_.failures) - dropped;
    report_.left = sum_.untouched + dropped + found.waiting + sum_.limited;
    report_.unrecorded = sum_.unrecorded + keeper_->away();
    report_.exit_code = exit_code_of(report_.failures, sum_.untouched + found.waiting + report_.unrecorded);
    report_.wall_s = watch.seconds();
    if (!keeper_->ship_last()) to_be_run_again();
    record_unclaimed();
    end_run();
    tell_end();
    if (report_.unrecorded > 0)
        spdlog::error(
            "the database does not answer: records wait in {}; when it does, run the same command again, or say "
            "nocturne "
            "events drain --spool {}",
            request_.spool, request_.spool);
    if (!request_.prom.empty()) {
        auto const failure = attempt([&] { write_prometheus(request_.prom, metrics()); });
        if (failure) spdlog::warn("no metrics: {}", failure->what());
    }
}

void JobSequence::to_be_run_again()
{
    report_.unrecorded += report_.unrecorded == 0;
    report_.exit_code = exit_code(Code::transient);
}

/// Each failure has a row, also of groups that the run never held; those that only wait are no failure.
void JobSequence::record_unclaimed()
{
    std::vector<db::UnclaimedGroup> groups;
    for (auto const& f : report_.failures)
        if (f.code != exit_code(Code::transient)) groups.push_back({f.group_id, {f.code, f.stage, f.message}});
    keeper_->ask_now([&](db::Session& session) { db::record_unclaimed(session, report_.run_id, groups); });
}

std::string JobSequence::first_error() const
{
    return report_.failures.empty() ? "" : report_.failures.front().message;
}

EndedRun JobSequence::end_of_run() const
{
    return {report_.run_id,
            {status_of(report_), report_.exit_code, sum_.cpu.hours(), sum_.peak_gb, first_error(), db::now_unix_s()}};
}

/// Its row, tried a few times within a second, as a disk may be full for a moment. Where the database does not take it, the run has ended with 75, and
/// the row that waits in the spool says so, too.
void JobSequence::end_run()
{
    constexpr auto pause = std::chrono::milliseconds(300);
    int const tries = report_.exit_code == exit_code(Code::transient) ? 1 : 3;
    for (int i = 0; i < tries; ++i) {
        if (i > 0) std::this_thread::sleep_for(pause);
        auto const ended = end_of_run();
        if (keeper_->ask_now([&](db::Session& session) { db::finish_run(session, ended.run_id, ended.end); })) return;
    }
    to_be_run_again();
    keeper_->finish_run(end_of_run());
    keeper_->ship_last();
}

/// The last event, what ranks that died have left meanwhile, and the record of the run: after all that decides its exit code.
void JobSequence::tell_end()
{
    auto const status = status_of(report_);
    char const* const kind = status == db::RunStatus::completed   ? "finished"
                             : status == db::RunStatus::cancelled ? "canceled"
                                                                  : "error";
    nlohmann::ordered_json const about{{"exit_code", report_.exit_code}, {"done", report_.done},
                                       {"failed", report_.failed},       {"left", report_.left},
                                       {"skipped", report_.skipped},     {"message", first_error()}};
    keeper_->emit({keeper_->events().make(
        {}, kind, {report_.wall_s, sum_.cpu.user_s, sum_.cpu.system_s, 1e3 * sum_.peak_gb}, about)});
    keeper_->ask_now([&](db::Session& session) { tell(drain_spools(session, request_.spool), request_.spool); });
    if (!record_) return;
    std::vector<db::ListedProduct> products;
    if (!keeper_->ask_now([&](db::Session& session) { products = recorded_products(session); }))
        products = products_that_stand(found_, sum_.products);
    record_->finish(report_, products);
}

std::vector<db::ListedProduct> JobSequence::recorded_products(db::Session& session) const
{
    std::set<std::string> groups;
    for (auto const& list : opened_.found.groups) groups.insert(list.begin(), list.end());
    auto const out = std::filesystem::absolute(request_.out).lexically_normal().string();
    return db::products_below(session, out, groups, [&](std::string const& recorded) {
        return std::any_of(request_.jobs.begin(), request_.jobs.end(),
                           [&](Job const& job) { return asks_for(job, recorded); });
    });
}

PrometheusRun JobSequence::metrics() const
{
    PrometheusRun run;
    run.job = job_name(request_);
    run.exit_code = report_.exit_code;
    run.wall_s = report_.wall_s;
    run.cpu_s = 3600 * sum_.cpu.hours();
    run.peak_memory_bytes = 1e9 * sum_.peak_gb;
    run.done = report_.done, run.failed = report_.failed, run.left = report_.left, run.skipped = report_.skipped;
    run.unrecorded = report_.unrecorded;
    run.ended_s = db::now_unix_s();
    run.stages = sum_.ledger.rows();
    return run;
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

namespace {

RunReport run_all(RunRequest const& request, Ranks const& world, Stopwatch const& watch,
                  std::unique_ptr<RunRecord>& record)
{
    auto const device = device_of_rank(request.backend, world);
    world.agree(attempt([&] { check_node(request, device); }));
    auto const team = world.teams(request.ranks_per_group);
    Opened opened;
    on_leader_with_helpers(world,
                           [&](LookAtMany const& look) { opened = open_run(request, device, world.size(), look); });
    if (record) record->known_as(opened.run_id);
    return JobSequence(request, world, team, device, opened, record).run(watch);
}

/// Who reads the record, or the metrics, is not to take those of the run before for this one's.
void tell_broken_off(RunRequest const& request, RunRecord* record, Error const& error, double wall_s)
{
    if (record) record->broke_off(error, wall_s);
    if (request.prom.empty()) return;
    PrometheusRun run;
    run.job = job_name(request);
    run.exit_code = exit_code(error.code());
    run.wall_s = wall_s;
    run.ended_s = db::now_unix_s();
    if (auto const lost = attempt([&] { write_prometheus(request.prom, run); }))
        spdlog::warn("no metrics: {}", lost->what());
}

}  // namespace

RunReport run_job(RunRequest const& request, Ranks const& world)
{
    Stopwatch const watch;
    auto record = world.leader() ? begin_record(request) : nullptr;
    try {
        return run_all(request, world, watch, record);
    } catch (Error const& error) {
        if (world.leader()) tell_broken_off(request, record.get(), error, watch.seconds());
        throw;
    }
}

}  // namespace nocturne
