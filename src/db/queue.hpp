// What people do to the queue: look, take a group by hand, try again, settle, do again, and the housekeeping. Every move is one
// UPDATE … WHERE state = expected whose row count decides; the database checks it and remembers it (status_history).
#pragma once

#include "db/recovery.hpp"

namespace nocturne::db {

/// A group with who works on it.
struct QueueRow {
    GroupRow group;
    std::string lease_owner;
    std::optional<double> lease_expires_s;
    std::int64_t fence = 0;
    std::string hpc_job_id;  ///< Slurm's job of the run that holds it, "" = none
};

struct QueueFilter {
    std::string group_id = {};  ///< "" = all
    std::optional<QueueState> state = {};
    std::int64_t limit = -1;
};

/// By rising group_id.
std::vector<QueueRow> list_queue(Session& session, QueueFilter const& filter = {});

/// How many groups are in each state that has any.
std::vector<std::pair<std::string, std::int64_t>> count_states(Session& session);

/// One row of status_history.
struct StatusChange {
    std::string status;
    double at_s = 0;
    std::string run_id, detail;
};
/// Of `entity` "group" or "run", oldest first.
std::vector<StatusChange> history_of(Session& session, std::string const& entity, std::string const& id);

/// An owner for claims made by hand: no process, so that the lease alone counts.
std::string hand_owner(std::string const& user);

/// failed → pending, its error forgotten; with `force` also from in_progress, whose holder is refused from then on. Throws
/// Error(input_missing) where there is no such group, Error(bad_input) where its state is another.
enum class Force { no, yes };
void retry_group(Session& session, std::string const& group_id, Force force);

/// A failed group that a person has settled: stays failed with stage `error`, and runs leave it alone until it is retried.
void resolve_group(Session& session, std::string const& group_id, std::string const& note);

/// completed or failed → pending, retry_count + 1; its results so far serve no more as done, nor what stage `from` ("": the first) and
/// those after it kept. Throws as retry_group, and Error(bad_input) where no result went through that stage.
void reprocess_group(Session& session, std::string const& group_id, std::string const& from);

struct HousekeepingArgs {
    double in_progress_timeout_s = 3600;  ///< without a sign of life
    double collecting_timeout_s = 86400;
    std::vector<std::string> dead_jobs = {};  ///< Slurm's jobs that are no more
    EndTeller tell = {};                      ///< as recover_abandoned
};

struct HousekeepingReport {
    std::vector<std::string> abandoned;  ///< → pending: their process is gone
    std::vector<std::string> stale;      ///< → pending, retry_count + 1: silent for too long
    std::vector<std::string> expired;    ///< collecting → failed
    std::vector<std::string> closed;     ///< runs whose Slurm job is gone
};

/// One pass; what it does not find it leaves. A process of this host that lives keeps its groups.
HousekeepingReport keep_house(Session& session, HousekeepingArgs const& args);

/// Slurm's jobs of runs that are said to run.
std::vector<std::string> jobs_at_work(Session& session);

/// For trying things out: what the database does with every pair of different states; nothing stays of it.
struct MoveTrial {
    QueueState from, to;
    bool allowed = false;
};
std::vector<MoveTrial> try_all_moves(Session& session);
/// For trying things out: the last sign of life of a group, and its lease, were so long ago.
void make_silent(Session& session, std::string const& group_id, double age_s);

}  // namespace nocturne::db
