// One group by one team of ranks: claim, verify, read, run, write, record. Failures stay with the group.
#pragma once

#include "db/runs.hpp"
#include "driver/choose_solutions.hpp"
#include "driver/run_job.hpp"
#include "driver/surroundings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

class RecordKeeper;

struct GroupWork {
    std::string group_id;
    std::vector<db::InputFile> files;
    int expected_subbands = 16;
    std::string telescope = {};                     ///< telescope_name of the first file
    std::optional<ChosenSolutions> solutions = {};  ///< where the job's stage apply wants what no task makes
    int failures = 0;                               ///< of this run with this group so far
};

/// skipped: done already, held: another run is at work on it.
enum class GroupEnd { done, failed, skipped, interrupted, held };

struct GroupOutcome {
    GroupEnd end = GroupEnd::done;
    GroupFailure failure;
    std::string report_path;
    std::vector<db::ProductRow> products = {};  ///< of a group that is done
    double wall_s = 0, noise_jy = 0;
    std::string ledger_json;
    std::optional<double> again_in_s = {};  ///< it failed, and the job's policy has it tried again by this run
};

/// What all groups of a run share on one rank.
struct TeamContext {
    RunRequest const& request;
    Ranks const& team;
    RecordKeeper* keeper = nullptr;  ///< on the team's leader
    Device device;
    Surroundings where;
    std::string run_id;
    int world_rank = 0, world_ranks = 1;
    std::function<void(std::string const&)> pulse = {};  ///< told where the group at work stands
};

/// The solutions of a group as they are chosen now; nothing where the job wishes for none.
std::optional<ChosenSolutions> solutions_now(RunRequest const& request, db::Session& session,
                                             db::GroupFacts const& group);

/// The key by which a finished group is recognised: inputs, configuration (back end, solutions and the contents of
/// the other files that it names included), code version.
db::ResultKey key_of(Job const& job, GroupWork const& work, std::string const& backend);

/// "kokkos" or "cuda", as keys have it.
std::string backend_of(Device const& device);

/// The products of a completed result with the same key whose files stand in `out` as they were recorded; nothing where there is none.
std::optional<std::vector<db::ProductRow>> finished_result(RunRequest const& request, db::Session& session,
                                                           GroupWork const& work, std::string const& backend);
bool is_done(RunRequest const& request, db::Session& session, GroupWork const& work, std::string const& backend);

/// Every rank of the team calls it with the same work. Throws only what concerns the whole run (the database is gone).
GroupOutcome work_on(GroupWork work, TeamContext const& context);

/// "2026-03-01T05:00:00" → "2026-03-01T050000": a group's name in file names.
std::string file_stem(std::string const& group_id);

}  // namespace nocturne
