// Another program, run to its end: Slurm's commands. Enters: words; no shell reads them. Leaves: what it said, and its exit code.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

namespace nocturne {

struct CommandOutcome {
    int code =
        0;  ///< exit code; 128 + signal where one killed it; 127 where there is no such program; 124: it took too long
    std::string out, err;  ///< standard output and error
};

/// Runs words[0], looked for on PATH, with `more` added to the environment. Throws Error(system) where it cannot be started for
/// another reason than that it is not there. After `limit_s` it is killed.
CommandOutcome run_command(std::vector<std::string> const& words, std::map<std::string, std::string> const& more = {},
                           double limit_s = std::numeric_limits<double>::infinity());

}  // namespace nocturne
