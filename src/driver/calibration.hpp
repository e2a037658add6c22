// Solutions for stage apply that no task of the job makes: from files the user names or from the registry. Enters: a job, what was chosen.
// Leaves: tables in the group's state that passed the firewall, and a record of where they come from.
#pragma once

#include "driver/firewall.hpp"
#include "driver/job_file.hpp"
#include "driver/ranks.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

/// What a job's task apply says.
struct SolutionWish {
    std::vector<std::string> paths;  ///< files named by the user
    bool registry = false;           ///< else the registry chooses
    bool force = false;
    bool between_channels = false;
    double reach_days = 0.5, least_gap_days = 0;  ///< of sets of the registry: db::SetSearch
};
/// Nothing where the job has no task apply, or one whose solutions the job makes itself.
std::optional<SolutionWish> solution_wish(Job const& job);

/// True where a task of the job corrects samples before they are exported.
bool exports_corrected(Job const& job);

/// One file to apply, with what the registry says of it.
struct ChosenFile {
    std::string path;
    std::string xxh128;                ///< as registered; empty: not registered
    std::optional<Validity> validity;  ///< as registered
    std::string set = {};              ///< its set's name in the registry; "": the file is one by itself
};

struct ChosenSolutions {
    std::vector<ChosenFile> files;
    CalibrationUse use;  ///< provenance, method, sets, weight; files and verdicts are added when they are read
    std::vector<std::string> notes = {};  ///< that a user should know, a line each
};

/// The files that the user named.
ChosenSolutions named_solutions(SolutionWish const& wish);

/// Reads, examines and puts them into state.solutions and state.calibration. Throws Error(input_missing) for a file that is not there,
/// Error(bad_input) for one that is damaged, changed since it was registered, or refused by the firewall (with `force` that is recorded instead).
void bring_solutions(ChosenSolutions const& chosen, SolutionWish const& wish, GroupState& state);

/// Every rank of the team calls it once the header is known, before anything is allocated; an error of one is thrown on all.
using SolutionBringer = std::function<void(GroupState&, Ranks const&)>;

}  // namespace nocturne
