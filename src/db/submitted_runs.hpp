// Runs that wait in the queue of a cluster: recorded before they are submitted, so that the job finds its row however soon it starts.
#pragma once

#include "db/recovery.hpp"
#include "db/runs.hpp"

#include <optional>

namespace nocturne::db {

/// Rows with status PENDING, one for each id; host, device and times come when it starts.
void announce_runs(Session& session, std::vector<std::string> const& run_ids, RunStart const& about);

/// PENDING → SUBMITTED, the n-th run with the n-th of Slurm's job ids ("123", of an array "123_0", …). A run that has started meanwhile
/// is left alone: it knows its id.
void mark_submitted(Session& session, std::vector<std::string> const& run_ids, std::vector<std::string> const& hpc_ids);

/// Runs that never came to be: PENDING or SUBMITTED → CANCELLED, with the reason.
void cancel_announced(Session& session, std::vector<std::string> const& run_ids, std::string const& why);

/// The configuration that a run was announced with; nothing where no such row waits (any more).
std::optional<std::string> announced_configuration(Session& session, std::string const& run_id);

/// PENDING or SUBMITTED → RUNNING, with all that start_run records; false where there is no such row (any more): start_run makes one.
bool begin_announced(Session& session, RunStart const& start);

/// The job is back after a requeue: claims of its earlier runs are given back and those runs are FAILED, wherever they ran; Slurm never runs a
/// job twice at once. What `tell` makes of them is stored with it. Returns the names of the groups.
std::vector<std::string> recover_earlier(Session& session, std::string const& hpc_job_id, int restart_count,
                                         EndTeller const& tell = {});

/// Slurm's job id of a run; "" where it has none.
std::string hpc_job_of(Session& session, std::string const& run_id);

}  // namespace nocturne::db
