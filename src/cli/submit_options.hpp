// Options of the verbs that hand work to Slurm. Enters: an app. Leaves: a request.
#pragma once

#include "cli/verb.hpp"
#include "driver/submit.hpp"

#include <string>
#include <vector>

namespace nocturne::cli {

struct SubmitOptions {
    std::string what, out, array, cluster, after, runner = "slurm", time, partition;
    std::vector<std::string> args, slurm, run_options;
    int ranks = 1, groups_per_task = 0;
    bool dry_run = false;

    /// `of_run`: what is said of words after --.
    void declare(App& app, char const* of_run = "After --: options of nocturne run, such as -- --min-subbands 14");
    /// Loads and checks the job file; paths that the job must find again are absolute. `more`: further options of `nocturne run`.
    SubmitRequest request(Globals const& globals, std::vector<std::string> const& more = {}) const;
};

/// Submits, or with --dry-run shows, or with --runner local runs in place of this process; returns the exit code.
int hand_over(SubmitRequest const& request, SubmitOptions const& options, Globals const& globals);

}  // namespace nocturne::cli
