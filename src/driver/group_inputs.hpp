// One group by hand: what the verbs image, convert, flag and solve have in common. Enters: paths as a user types them. Leaves:
// the files of one group, probed, and how to run a job over them.
#pragma once

#include "db/groups.hpp"
#include "driver/job_file.hpp"
#include "driver/ms_export.hpp"
#include "driver/ranks.hpp"
#include "driver/run_files.hpp"
#include "qa/timing.hpp"

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
    int min_subbands = 0;  ///< a group of fewer subband files is refused
    std::string command_line;
    std::string database;  ///< "" or one whose recorded hashes the files must have
};

/// Which inputs are hashed: those whose hash a database knows, or all, for the provenance of a product.
enum class Hashes { of_recorded, of_all };

struct GroupInputs {
    Device device;
    std::vector<std::string> paths;
    std::vector<db::InputFile> files;  ///< the paths, with their hashes; "" where not asked for
    std::vector<std::string> notes;    ///< what a user should know of the choice; and of the files, once they were read
    Ledger ledger;                     ///< "verify", where files were hashed; the caller's from here on
    FilesRun run;                      ///< the job's passes over the probed files; sinks are the caller's to add
};

/// Chooses the device and the files on every rank, probes the files in child processes, and compares them with the hashes that the
/// database has of them. An error of one rank is thrown on all.
GroupInputs open_inputs(GroupRequest const& request, Ranks const& world, Hashes hashes = Hashes::of_recorded);

/// The Measurement Set that the job's stage export makes, with the run's blocks led into it; null where it makes none. `path` is
/// where it goes unless the job names another place. Throws Error(usage) where that is an input or lies among them, and as MsExport
/// does. `opened` outlives it.
std::unique_ptr<MsExport> open_export(GroupRequest const& request, std::string const& path, GroupInputs& opened,
                                      Ranks const& world);

/// Ends the Measurement Set and puts it under its name, in place of one that stood there; every rank calls it.
MsExported commit_export(MsExport& ms, Ledger& ledger, Ranks const& world);

/// The ledgers of all ranks in the leader's; every rank calls it.
void gather_ledgers(Ledger& ledger, Ranks const& world);

}  // namespace nocturne
