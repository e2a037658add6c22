// What lies in a directory, and which job of the file takes which group. On the leader of all ranks only.
#pragma once

#include "db/groups.hpp"
#include "driver/index.hpp"
#include "driver/run_job.hpp"
#include "nocturne/group.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

/// Stage of a failure that is a name in a job's `foreach` which no group has.
constexpr char const* slip_of_a_job = "foreach";

struct Survey {
    std::vector<std::vector<std::string>> groups;  ///< [job] that are fit, oldest first
    std::int64_t n_groups = 0;
    std::int64_t waiting = 0;          ///< still collecting: younger than --partial-after
    std::vector<GroupFailure> unfit;   ///< too few subbands (66), or files that are bad (65)
    std::vector<std::string> foreign;  ///< files that belong to nobody
};

/// Why a group is not worked on that has fewer subbands; the one of a finished group may have been made of more.
std::optional<GroupFailure> too_few(db::GroupRow const& group, int min_subbands);

/// Scans `incoming` into the database, new files by `look_at_many` where it is given, and shares its groups out to the jobs of the request. A group that no job takes is left alone.
/// Throws Error(bad_config) where two jobs take the same group.
Survey survey(RunRequest const& request, db::Session& session, LookAtMany look_at_many = {});

/// Of the first file of a group: one subband says where it looks. Throws Error(input_missing, bad_input).
GroupHeader first_header(std::vector<db::InputFile> const& files);

/// Does a calibrator as `choice` wants it stand in the beam of a group? True separation from where the dishes look at mid-time, flux
/// at 1.4 GHz through the Airy beam of its dishes. False for a group whose header cannot be read: the road says why.
bool is_calibrator(std::string const& group_id, std::vector<db::InputFile> const& files, GroupChoice const& choice);

}  // namespace nocturne
