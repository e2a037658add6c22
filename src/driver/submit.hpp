// Jobs of a job file as jobs of Slurm. Enters: a validated job file, what to ask Slurm for. Leaves: a script for each job, the ids that
// sbatch gave, and rows of `runs` that wait for them.
#pragma once

#include "driver/job_file.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

/// When a job that others are needed by lets them go on: when all of it succeeded, or when it has ended, however.
enum class After { ok, any };
constexpr char const* name(After after) { return after == After::ok ? "afterok" : "afterany"; }

/// Elements 0 … count − 1, at most `at_once` of them running (0 = all).
struct ArraySize {
    int count = 0;
    int at_once = 0;
};

struct SubmitRequest {
    std::vector<Job> jobs;                    ///< of the job file, in order
    std::string job_file;                     ///< its path, absolute
    std::map<std::string, std::string> args;  ///< as given: --arg NAME=VALUE
    std::vector<std::string> run_options;     ///< for `nocturne run`, as given
    std::string out;                          ///< directory of products; scripts and logs go to OUT/slurm
    std::string database;  ///< an address with a password travels in the job's environment, never in its script
    std::string cluster;   ///< name of slurm/clusters/NAME.sh, or a path; "" = none
    std::vector<std::string> slurm_options;  ///< "--partition=gpu", …
    int ranks = 1;
    std::optional<ArraySize> array;  ///< each element takes groups from the same queue
    std::optional<After>
        after;  ///< unset: `any` where a job that is needed registers solutions, which serve however many failed; else `ok`
    std::string command_line;
};

/// One job as it is given to Slurm.
struct SubmittedJob {
    std::string id;                    ///< in the job file
    std::string script_path, script;   ///< and its text
    std::vector<std::string> needs;    ///< ids in the job file
    std::vector<std::string> run_ids;  ///< empty where nobody announces them
    std::vector<std::string> command;  ///< sbatch and its words, as far as known before its needs have numbers
    std::string hpc_job_id;            ///< "" before it is submitted
    After after = After::ok;           ///< how those that it needs must have ended
};

/// "50" or "50%10". Throws Error(usage).
ArraySize parse_array(std::string const& text);

/// What submit would do; nothing is written. The scripts may be kept and given to sbatch as they are: they name no run, as none is announced, and no
/// place of their own. Throws Error: bad_config where the cluster is not known, usage where an option of Slurm
/// could not be passed on or an argument holds a password.
std::vector<SubmittedJob> plan_submission(SubmitRequest const& request);

/// What `submit` would do with them, to be done by `bash FILE`: jobs that need others have their numbers. Passes shellcheck.
std::string script_that_submits(std::vector<SubmittedJob> const& jobs);

/// Writes the scripts, records the runs, submits. Where Slurm refuses one, those before it are taken back. Throws Error: unavailable
/// where there is no sbatch or its controller does not answer, transient where it is too busy, bad_config where it refuses.
std::vector<SubmittedJob> submit(SubmitRequest const& request);

}  // namespace nocturne
