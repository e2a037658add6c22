#include "driver/run_record.hpp"

#include "driver/attempt.hpp"
#include "driver/error_report.hpp"
#include "driver/products_that_stand.hpp"
#include "driver/stop_signal.hpp"
#include "io/product.hpp"
#include "nocturne/utc_text.hpp"

#include <csignal>
#include <filesystem>

#include <spdlog/spdlog.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

namespace nocturne {
namespace {

using OrderedJson = nlohmann::ordered_json;

void write_json(std::string const& path, OrderedJson const& document)
{
    write_product(path, document.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
}

}  // namespace

nlohmann::ordered_json to_json(RunReport const& report)
{
    auto failures = OrderedJson::array();
    for (auto const& f : report.failures)
        failures.push_back({{"group_id", f.group_id}, {"stage", f.stage}, {"code", f.code}, {"message", f.message}});
    return {{"run_id", report.run_id},
            {"exit_code", report.exit_code},
            {"groups",
             {{"done", report.done}, {"failed", report.failed}, {"left", report.left}, {"skipped", report.skipped}}},
            {"failures", failures},
            {"reports", report.reports},
            {"wall_s", report.wall_s},
            {"unrecorded", report.unrecorded}};
}

db::RunStatus status_of(RunReport const& report)
{
    if (report.exit_code == 0) return db::RunStatus::completed;
    bool const interrupted = StopSignal::requested() && report.exit_code == exit_code(Code::transient);
    return interrupted ? db::RunStatus::cancelled : db::RunStatus::failed;
}

struct RunRecord::State {
    OrderedJson document;
    bool warned = false;
};

RunRecord::RunRecord(std::string directory, std::string run_id, Surroundings const& where)
    : directory_(std::move(directory)), state_(std::make_unique<State>())
{
    auto const now = utc_now();
    std::error_code stays;
    if (!std::filesystem::remove(directory_ + "/result.json", stays) && stays)
        spdlog::warn("{}/result.json is an earlier run's, and stays: {}", directory_, stays.message());
    state_->document = {{"run_id", nullptr},     {"state", "RUNNING"},
                        {"host", where.host},    {"pid", getpid()},
                        {"hpc_job_id", nullptr}, {"restart_count", where.restart_count},
                        {"started_at", now},     {"heartbeat_at", now},
                        {"progress_at", now},    {"groups", {{"expected", 0}, {"ended_here", 0}}},
                        {"group", nullptr},      {"where", nullptr},
                        {"exit_code", nullptr}};
    if (!run_id.empty()) state_->document["run_id"] = std::move(run_id);
    if (!where.slurm_job_id.empty()) state_->document["hpc_job_id"] = where.slurm_job_id;
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);  // signals are for the thread that works
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &previous, nullptr);
}

RunRecord::~RunRecord()
{
    {
        std::lock_guard const lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void RunRecord::run()
{
    std::unique_lock lock(mutex_);
    while (!over_) {
        write_status();
        changed_.wait_for(lock, heartbeat);
    }
}

/// With the lock held: a slow disk makes the run wait for one small file at most.
void RunRecord::write_status()
{
    state_->document["heartbeat_at"] = utc_now();
    auto const failure = attempt([&] { write_json(directory_ + "/status.json", state_->document); });
    if (failure && !std::exchange(state_->warned, true))
        spdlog::warn("the run goes on without its record: {}", failure->what());
}

void RunRecord::known_as(std::string const& run_id)
{
    std::lock_guard const lock(mutex_);
    state_->document["run_id"] = run_id;
    write_status();
}

void RunRecord::expects(std::size_t groups)
{
    std::lock_guard const lock(mutex_);
    auto& all = state_->document["groups"]["expected"];
    all = all.get<std::size_t>() + groups;
}

void RunRecord::at(std::string const& group_id, std::string const& where)
{
    std::lock_guard const lock(mutex_);
    auto& document = state_->document;
    document["group"] = group_id;
    document["where"] = where;
    document["progress_at"] = utc_now();
}

void RunRecord::ended(std::string const& group_id)
{
    at(group_id, "ended");
    std::lock_guard const lock(mutex_);
    auto& n = state_->document["groups"]["ended_here"];
    n = n.get<std::int64_t>() + 1;
}

void RunRecord::finish(RunReport const& report, std::vector<db::ListedProduct> const& listed)
{
    auto result = to_json(report);
    result["finished_at"] = utc_now();
    auto products = OrderedJson::array(), stale = OrderedJson::array();
    for (auto const& p : listed) (p.wanted ? products : stale).push_back(to_json(p));
    result["products"] = products;
    result["stale"] = stale;
    end(report, result);
}

void RunRecord::broke_off(Error const& error, double wall_s)
{
    RunReport report;
    report.exit_code = exit_code(error.code());
    report.wall_s = wall_s;
    auto result = to_json(report);
    {
        std::lock_guard const lock(mutex_);
        result["run_id"] = state_->document["run_id"];
    }
    result["error"] = describe_error(error);
    result["finished_at"] = utc_now();
    result["products"] = OrderedJson::array();
    end(report, result);
}

void RunRecord::end(RunReport const& report, OrderedJson const& result)
{
    std::lock_guard const lock(mutex_);
    auto& document = state_->document;
    document["state"] = db::name(status_of(report));
    document["exit_code"] = report.exit_code;
    document["group"] = document["where"] = nullptr;
    write_status();
    auto const failure = attempt([&] { write_json(directory_ + "/result.json", result); });
    if (failure) spdlog::warn("the run's result.json is missing: {}", failure->what());
}

std::unique_ptr<RunRecord> begin_record(RunRequest const& request)
{
    if (request.record.empty()) return nullptr;
    auto const where = look_around({});
    return std::make_unique<RunRecord>(request.record, where.announced_run, where);
}

std::unique_ptr<RunRecord> record_of_job(RunRequest const& request, std::string const& run_id)
{
    auto const where = look_around({});
    if (where.slurm_job_id.empty()) return nullptr;
    return std::make_unique<RunRecord>(request.out + "/runs/" + run_id, run_id, where);
}

void record_refusal(std::string const& directory, Error const& error)
{
    if (!directory.empty()) RunRecord(directory, "", look_around({})).broke_off(error, 0);
}

}  // namespace nocturne
