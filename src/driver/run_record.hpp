// status.json and result.json of a run, for workflow managers and for people. Enters: events of the run, on its leading rank. Leaves: two files that
// are replaced whole.
#pragma once

#include "db/product_list.hpp"
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

/// status.json says every 10 s that the run lives (`heartbeat_at`), where it stands and since when (`progress_at`); its `state` is RUNNING,
/// and in the end COMPLETED or FAILED with `exit_code`. result.json comes last: what happened to each group, and every product of the run's
/// groups with size and xxh3-128 that is recorded (`unrecorded`: records that wait in a spool). A disk that takes neither file is warned of once: the work goes on.
class RunRecord {
public:
    static constexpr std::chrono::seconds heartbeat{10};

    RunRecord(std::string directory, std::string run_id, Surroundings const& where);
    ~RunRecord();
    RunRecord(RunRecord const&) = delete;
    RunRecord& operator=(RunRecord const&) = delete;

    void expects(std::size_t groups);  ///< of the next job
    void at(std::string const& group_id, std::string const& where);
    void ended(std::string const& group_id);
    /// Writes both files. `products`: of all groups that the run's jobs are about, as far as they are recorded.
    void finish(RunReport const& report, std::vector<db::ListedProduct> const& products);

    std::string const& directory() const { return directory_; }

private:
    struct State;
    void run();
    void write_status();

    std::string directory_;
    std::unique_ptr<State> state_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace nocturne
