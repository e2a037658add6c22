// status.json and result.json of a run, for workflow managers and for people. Enters: events of the run, on its leading rank. Leaves: two files that
// are replaced whole.
#pragma once

#include "db/product_list.hpp"
#include "db/runs.hpp"
#include "driver/run_job.hpp"
#include "driver/surroundings.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <nlohmann/json_fwd.hpp>

namespace nocturne {

/// What came of a run, as --json prints it and result.json begins.
nlohmann::ordered_json to_json(RunReport const& report);

/// COMPLETED (0), CANCELLED (a signal ended it) or FAILED, in the database and in status.json.
db::RunStatus status_of(RunReport const& report);

/// From its beginning on nothing of an earlier run stands in the directory: result.json goes, status.json says RUNNING (run_id null until it is known).
/// status.json says every 10 s that the run lives (`heartbeat_at`), where it stands and since when (`progress_at`); its `state` is RUNNING,
/// and in the end COMPLETED, CANCELLED or FAILED with `exit_code`. result.json comes last: what happened to each group, every product of the run's
/// groups with size and xxh3-128 that is recorded and of this configuration; others that stand beside them are `stale` (`unrecorded`: records that wait in a spool; where the database is away at the end, what it knew
/// as the run found groups done, and what the run made); of a run that could not begin, or broke off, its exit code and
/// `error`. A disk that takes neither file is warned of once: the work goes on.
class RunRecord {
public:
    static constexpr std::chrono::seconds heartbeat{10};

    RunRecord(std::string directory, std::string run_id, Surroundings const& where);
    ~RunRecord();
    RunRecord(RunRecord const&) = delete;
    RunRecord& operator=(RunRecord const&) = delete;

    void known_as(std::string const& run_id);
    void expects(std::size_t groups);  ///< of the next job
    void at(std::string const& group_id, std::string const& where);
    void ended(std::string const& group_id);
    /// Writes both files. `products`: of all groups that the run's jobs are about.
    void finish(RunReport const& report, std::vector<db::ListedProduct> const& products);

    /// The same of a run that an error ends, before it has a list of groups, too.
    void broke_off(Error const& error, double wall_s);

    std::string const& directory() const { return directory_; }

private:
    struct State;
    void run();
    void write_status();
    void end(RunReport const& report, nlohmann::ordered_json const& result);

    std::string directory_;
    std::unique_ptr<State> state_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

/// The record that a run was asked for by name; nothing where it was not.
std::unique_ptr<RunRecord> begin_record(RunRequest const& request);
/// Under Slurm each run has one without being asked: OUT/runs/RUN.
std::unique_ptr<RunRecord> record_of_job(RunRequest const& request, std::string const& run_id);

/// Of a command line that makes no run: the directory of its record says so. "" = none was asked for.
void record_refusal(std::string const& directory, Error const& error);

}  // namespace nocturne
