#include "driver/open_run.hpp"

#include "db/runs.hpp"
#include "db/submitted_runs.hpp"
#include "driver/announced.hpp"
#include "driver/attempt.hpp"
#include "driver/dead_runs.hpp"
#include "driver/events.hpp"
#include "driver/ms_export.hpp"
#include "driver/node_health.hpp"
#include "driver/products_of_others.hpp"
#include "driver/ship.hpp"
#include "driver/stop_signal.hpp"
#include "driver/surroundings.hpp"
#include "io/spool.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <thread>

#include <spdlog/spdlog.h>
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

/// With the directory of files as others find it (`data reap`).
nlohmann::json configuration_of(RunRequest const& request)
{
    nlohmann::json all;
    if (request.jobs.size() == 1)
        all = request.jobs.front().configuration_with_origin();
    else
        for (auto const& job : request.jobs) all["jobs"].push_back(job.configuration_with_origin());
    std::error_code odd;
    all["incoming"] = std::filesystem::weakly_canonical(request.incoming, odd).string();
    return all;
}

/// A run that found no database is an event, too: it is told when there is one.
void tell_in_vain(RunRequest const& request, Error const& why)
{
    auto const run_id = db::make_run_id();
    EventMaker events(run_id);
    nlohmann::ordered_json const about{{"job", job_name(request)}};
    std::vector<std::string> lines{to_line(events.make({}, "started", {}, about))};
    lines.push_back(to_line(events.make({}, "error", {}, {{"code", exit_code(why.code())}, {"message", why.what()}})));
    auto const path = (std::filesystem::path(request.spool) / (run_id + ".spool")).string();
    auto const failure = attempt([&] { Spool::create(path, R"({"nocturne_spool":1})").append(lines); });
    if (failure) spdlog::warn("events are not kept: {}", failure->what());
}

bool stopped_within(double seconds)
{
    Stopwatch const waited;
    while (waited.seconds() < seconds && !StopSignal::requested())
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return StopSignal::requested();
}

db::Session open_database(RunRequest const& request)
{
    try {
        return open_at_start(request, db::OpenMode::create);
    } catch (Error const& why) {
        if (why.code() == Code::unavailable) tell_in_vain(request, why);
        throw;
    }
}

/// Nobody who submitted it knows of a job file that was edited since.
void tell_of_changes(RunRequest const& request, std::string const& announced)
{
    auto const job = std::find_if(request.jobs.begin(), request.jobs.end(), [&](Job const& one) {
        return request.jobs.size() == 1 || one.id == request.only_job;
    });
    if (job == request.jobs.end()) return;
    std::string keys;
    for (auto const& key : changed_since_submission(announced, *job)) keys += (keys.empty() ? "" : ", ") + key;
    if (!keys.empty())
        spdlog::warn("since job {} was submitted, {} or this machine's environment has changed: {}", job->name,
                     job->path, keys);
}

}  // namespace

std::string job_name(RunRequest const& request)
{
    auto const& first = request.jobs.front().name;
    for (auto const& job : request.jobs)
        if (job.id == request.only_job) return job.name;
    return request.jobs.size() == 1 ? first : first.substr(0, first.rfind('.'));
}

db::Silence until_stopped()
{
    return {std::numeric_limits<double>::infinity(), [] { return StopSignal::requested(); }};
}

db::Session open_at_start(RunRequest const& request, db::OpenMode mode)
{
    constexpr double first_pause_s = 0.2, rarest_pause_s = 5;
    bool const waits = std::getenv("SLURM_JOB_ID") != nullptr;
    Stopwatch const waited;
    for (double pause_s = first_pause_s;; pause_s = std::min(2 * pause_s, rarest_pause_s)) {
        try {
            auto session = db::Session::open(request.database, mode, until_stopped());
            if (pause_s > first_pause_s) spdlog::info("database {} answers", session.path());
            return session;
        } catch (db::DatabaseAway const& why) {
            if (!waits || waited.seconds() + pause_s > request.database_wait_s) throw;
            if (pause_s == first_pause_s)
                spdlog::warn("{}; the job waits for it for at most {:.0f} s (--db-wait)", why.what(),
                             request.database_wait_s);
            if (stopped_within(pause_s))
                throw Error(Code::transient, "the run did not begin: " + why.problem(),
                            "a signal ended the wait for it", "run the same command again when it answers");
        }
    }
}

namespace {

void begin_run(Opened& opened, RunRequest const& request, Device const& device, int ranks,
               LookAtMany const& look_at_many)
{
    check_clock_beside(*opened.session);
    auto const where = look_around(device);
    tell(drain_spools(*opened.session, request.spool), request.spool);  // before claims of the dead are given back
    db::recover_abandoned(*opened.session, end_of_the_dead);
    db::recover_earlier(*opened.session, where.slurm_job_id, where.restart_count, end_of_the_dead);
    opened.found = survey(request, *opened.session, look_at_many);
    warn_of_products_of_others(request.out, *opened.session);
    db::RunStart start{where.announced_run,
                       job_name(request),
                       request.command_line,
                       configuration_of(request).dump(),
                       code_version(),
                       where.host,
                       where.device,
                       where.device_uuid,
                       ranks,
                       where.slurm_job_id,
                       where.restart_count,
                       std::filesystem::absolute(request.spool).lexically_normal().string()};
    opened.run_id = start.run_id;
    if (!start.run_id.empty() && !db::knows_run(*opened.session, start.run_id))
        throw Error(Code::bad_config, "run " + start.run_id + " is not in database " + opened.session->path(),
                    "it was announced in another one: this job was started without the environment of nocturne submit",
                    "name that database with --db or NOCTURNE_DB (sbatch --export=ALL), or unset NOCTURNE_RUN_ID");
    if (auto const announced = db::announced_configuration(*opened.session, start.run_id))
        tell_of_changes(request, *announced);
    if (start.run_id.empty() || !db::begin_announced(*opened.session, start)) {
        start.run_id.clear();
        opened.run_id = db::start_run(*opened.session, start);
    }
}

}  // namespace

Opened open_run(RunRequest const& request, Device const& device, int ranks, LookAtMany const& look_at_many)
{
    Opened opened;
    check_output(request.out);
    for (auto const& job : request.jobs)
        ms_wish(job, (std::filesystem::path(request.out) / "GROUP.ms").string(), {{}, request.incoming});
    opened.session.emplace(open_database(request));
    try {
        begin_run(opened, request, device, ranks, look_at_many);
    } catch (db::DatabaseAway const& why) {
        if (!std::getenv("SLURM_JOB_ID")) throw;
        throw Error(Code::transient, "the run did not begin: " + why.problem(), why.reason(),
                    "the job starts again by itself; by hand: the same command when the database answers");
    }
    return opened;
}

}  // namespace nocturne
