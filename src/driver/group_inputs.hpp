// One group by hand: what the verbs image, convert, flag and solve have in common. Enters: paths as a user types them. Leaves:
// the files of one group, probed, and how to run a job over them.
#pragma once

#include "driver/job_file.hpp"
#include "driver/ranks.hpp"
#include "driver/run_files.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct GroupRequest {
    std::vector<std::string> inputs;  ///< files of one group, one directory, or one Measurement Set
    Job job;
    std::string only_group;  ///< chooses one of several groups of a directory
    std::string backend = "auto";
    double memory_gb = 0;
    int expected_subbands = 16;
    std::string command_line;
};

/// The files of one group, from paths or from a directory. Throws Error(input_missing) or Error(usage).
std::vector<std::string> files_of_group(std::vector<std::string> const& inputs, std::string const& only_group);

struct GroupInputs {
    Device device;
    std::vector<std::string> paths;
    FilesRun run;  ///< the job's passes over the probed files; sinks are the caller's to add
};

/// Chooses the device and the files on every rank, and probes the files in child processes. An error of one rank is thrown on all.
GroupInputs open_inputs(GroupRequest const& request, Ranks const& world);

/// The ledgers of all ranks in the leader's; every rank calls it.
void gather_ledgers(Ledger& ledger, Ranks const& world);

}  // namespace nocturne
