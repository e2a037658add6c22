// What is recorded of runs, for those who ask afterwards.
#pragma once

#include "db/runs.hpp"

namespace nocturne::db {

struct RunRow {
    std::string run_id, status, job_name, command_line, code_version, host, device, device_uuid, hpc_job_id, error;
    std::int64_t ranks = 1, restart_count = 0;
    std::optional<double> submitted_s, started_s, finished_s, wall_time_s, cpu_hours, peak_memory_gb;
    std::optional<std::int64_t> exit_code;
};

struct RunFilter {
    std::string run_id = {};  ///< "" = all; else the id or its beginning
    std::string status = {};  ///< a word of RunStatus
    std::optional<double> since_s = {};
    std::int64_t limit = -1;
};

/// Newest first. Throws Error(usage) for a status that is none, with the nearest.
std::vector<RunRow> list_runs(Session& session, RunFilter const& filter = {});

/// The one run of this id or beginning of an id. Throws Error(input_missing) where none or several match.
RunRow find_run(Session& session, std::string const& run_id);

/// What a run made of a group.
struct GroupRunRow {
    std::string group_id, status, host, error, error_stage;
    std::int64_t fence = 0;
    std::optional<std::int64_t> error_code;
    std::optional<double> started_s, finished_s;
    std::vector<StageTiming> stages;
};
/// By the time they were begun.
std::vector<GroupRunRow> groups_of_run(Session& session, std::string const& run_id);

}  // namespace nocturne::db
