// Job files: YAML with PCTasks' keys. Enters: a path, `--arg` values, option overrides. Leaves: a Job whose every value is
// checked, with the origin of each value, or an Error that names file, line and column.
#pragma once

#include "nocturne/stage.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace nocturne {

/// When a group that failed is tried again: `retry` of a task, or of a job.
struct RetryPolicy {
    int most = 3;          ///< failures one after the other, of all runs together, after which a group is given up
    double backoff_s = 2;  ///< before the first try again; doubled each time, up to 300 s
    std::vector<std::string> on{"io", "oom", "node"};  ///< causes (driver/retry.hpp) for which the same run tries again
    bool operator==(RetryPolicy const&) const = default;
};

/// One task bound to its stage.
struct Task {
    std::string id;
    StageType const* stage = nullptr;
    Params params;
    std::map<std::string, std::string>
        origin;  ///< of each parameter: default, job file, argument, environment, command line
    RetryPolicy retry = {};
};

/// Which groups of the directory a job works on: `foreach` of the job file.
struct GroupChoice {
    enum class Kind {
        all,
        calibrators,  ///< a calibrator of the catalogue is in the beam
        others,       ///< those that no other job of the file takes
        named,
    };
    Kind kind = Kind::all;
    std::vector<std::string> names;  ///< of Kind::named: groups, or patterns with * and ?
    double radius_deg = 1;           ///< of Kind::calibrators: how far from the pointing the calibrator may be
    double least_jy = 1;             ///< and how bright it must be seen through the beam, at 1.4 GHz
    std::string catalogue;           ///< "": the VLA's calibrators, shipped
};

struct Job {
    std::string name;                         ///< of the file; of one of several jobs FILE.ID
    std::string id;                           ///< key under `jobs`; "" for a job made by a verb
    std::string path;                         ///< of the job file; "" for a job made by a verb
    std::map<std::string, std::string> args;  ///< `args` with the values they took
    std::vector<std::string> needs;           ///< ids of jobs that come first
    std::string needs_at;                     ///< FILE:LINE:COLUMN of these, for errors
    GroupChoice groups;
    std::vector<Task> tasks;  ///< in order
    RetryPolicy retry;        ///< of what no task answers for: reading, checking and writing files

    /// Everything that decides the result: tasks with all their parameters. Keys sorted, so that its text can be hashed.
    nlohmann::json configuration() const;
    /// The same with the origin of each value, and with what decides which groups are worked on and how often: `foreach`, `needs`, `retry`.
    nlohmann::json configuration_with_origin() const;
    Passes passes() const;
};

struct JobRequest {
    std::map<std::string, std::string> args;       ///< --arg NAME=VALUE
    std::map<std::string, std::string> overrides;  ///< stage parameters from the command line: name → text
};

/// Reads and validates a job file: its jobs (at least one), each after those that it needs. Errors: input_missing (no such file),
/// bad_config (everything else) with "file:line:column" and, for an unknown key, the nearest known one; a missing or unexpected
/// argument is an error, and so is a circle of needs.
std::vector<Job> load_jobs(std::string const& path, JobRequest const& request);

/// Jobs in the order of their needs, otherwise as they stand. Throws Error(bad_config) for a job that is not there, and a circle.
std::vector<Job> order_by_needs(std::vector<Job> jobs);

/// A job of the given stages, one task each, named as they are: what `nocturne image` runs.
Job make_job(std::string const& name, std::vector<std::string> const& stages, JobRequest const& request);

/// The value of `text` in the type that `spec` declares. Throws Error(bad_config).
ParamValue parse_param(ParamSpec const& spec, std::string const& text);
std::string to_text(ParamValue const& value);

/// Checks that each pass reads only what stands before it (vis, flag, weight and header come from the files).
void check_order(Passes const& passes);

}  // namespace nocturne
