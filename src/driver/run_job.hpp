// The jobs of a file over a directory of groups. Enters: validated jobs, directories, a database. Leaves: products, records, a report.
#pragma once

#include "driver/job_file.hpp"
#include "driver/ranks.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace nocturne {

struct RunRequest {
    std::vector<Job> jobs;   ///< of the job file, in order
    Job job;                 ///< the one of them that is at work
    bool awaited = false;    ///< a job that this one needs has groups that only a rerun can do: another run holds them
    std::string incoming;    ///< directory of files
    std::string out;         ///< directory of products
    std::string database;    ///< SQLite path
    std::string only_group;  ///< "" = all
    std::string only_job;  ///< id of one job of the file, "" = all: others share out the groups, but are not worked on
    double since_mjd = -std::numeric_limits<double>::infinity();  ///< groups that start at or after this time
    double until_mjd = std::numeric_limits<double>::infinity();   ///< groups that start before this time
    std::int64_t limit = -1;                                      ///< groups to work on at most; −1 = all
    int min_subbands = 12;
    double partial_after_s = 0;  ///< an incomplete group waits until no file came for so long
    int ranks_per_group = 1;
    std::string backend = "auto";
    double memory_gb = 0;  ///< of one rank; 0 = chosen from what is free
    int max_readers = 0;   ///< ranks of a node that read at once; 0 = all
    std::string stage;  ///< directory of the node to which a group's files are copied before they are read; "" = none
    std::string command_line;
    std::string record;             ///< directory of status.json and result.json; "" = none
    std::string spool;              ///< directory of what is kept while the database is away
    double database_wait_s = 600;   ///< for a database that is away, before what is left is left for a rerun
    std::string prom;               ///< file of metrics for Prometheus; "" = none
    std::string keep_visibilities;  ///< "" or a .npz file; then one group only
    bool progress = true;           ///< lines on stderr
};

struct GroupFailure {
    std::string group_id, stage, message;
    int code = 1;
};

struct RunReport {
    std::string run_id;
    std::int64_t done = 0, failed = 0, left = 0, skipped = 0;
    std::vector<GroupFailure> failures;
    std::vector<std::string> reports;  ///< HTML pages of the groups done
    double wall_s = 0;
    std::int64_t unrecorded = 0;  ///< results and other records that wait in spools
    int exit_code = 0;
};

/// What would be done: groups, ranks, passes, bytes. Scans, but claims and writes nothing but the scan.
nlohmann::ordered_json plan_job(RunRequest const& request, Ranks const& world);

/// Does it, job after job. Every rank calls it; the report is complete on the leader of `world`. Failures of groups are in the report;
/// errors that stop everything (no database, no directory) are thrown.
RunReport run_job(RunRequest const& request, Ranks const& world);

/// The exit code for a set of failures: 75 where a rerun would do more, else the first of 1, 74, 73, 71, 69, 66, 65, 3 that
/// occurred, else 0 (docs/errors.md).
int exit_code_of(std::vector<GroupFailure> const& failures, std::int64_t left);

}  // namespace nocturne
