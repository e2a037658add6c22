// Self-calibration as a task of a job. Enters: a group that its job has imaged, how passes are run over its files. Leaves: the state of the best round,
// with its solutions and the list of rounds.
#pragma once

#include "driver/calibration.hpp"
#include "driver/self_calibration.hpp"

#include <functional>

namespace nocturne {

/// Runs the passes of a job over the group's files; `bring` puts solutions into the state before them. The same errors on all ranks.
using PassRunner = std::function<GroupState(Job const&, SolutionBringer)>;

/// True where the job has a task selfcal with any round.
bool wishes_selfcal(Job const& job);

/// Throws Error(bad_config) where the job has a task selfcal that cannot be done.
void check_selfcal(Job const& job);

/// `state` is what the job made of the group: round 0. Afterwards it is that of the best round; its CalibrationUse lists the rounds where one was kept. Every
/// rank of the team calls it and has the same rounds. Throws Error(bad_config) where there is no CLEANed image.
std::vector<SelfCalRound> self_calibrate_group(Job const& job, GroupState& state, PassRunner const& run,
                                               Ranks const& team);

}  // namespace nocturne
