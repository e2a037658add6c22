// The leader's part of a run before the work. Enters: a request. Leaves: an open database, the groups of each job, the run's row.
#pragma once

#include "driver/run_job.hpp"
#include "driver/survey.hpp"
#include "nocturne/device.hpp"

#include <optional>
#include <string>

namespace nocturne {

struct Opened {
    std::optional<db::Session> session;
    Survey found;
    std::string run_id;
};

/// Looks whether products can be written, ships what earlier runs left in spools, gives back what dead runs held, scans. Where the database does not answer
/// the attempt is told in a spool. Headers of new files by `look_at_many`.
Opened open_run(RunRequest const& request, Device const& device, int ranks, LookAtMany const& look_at_many);

/// Of the request's file, or of its one job that is to be done: what the run is called in the database, in its events and in its metrics.
std::string job_name(RunRequest const& request);

/// A database that says nothing is waited for until a signal asks to stop.
db::Silence until_stopped();

/// A job of Slurm whose database is away as it begins waits for it, as a run does in the middle (`database_wait_s`): its exit code 69 would be
/// final. Elsewhere that is thrown at once. Throws Error(transient) where a signal ends the wait.
db::Session open_at_start(RunRequest const& request, db::OpenMode mode);

}  // namespace nocturne
