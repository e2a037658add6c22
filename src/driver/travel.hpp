// One group along the road, with its files checked first and, where a job says so, flagged anew until its solutions pass. Enters: a
// group's files, its job. Leaves: the group's state, or the reason why not.
#pragma once

#include "driver/group_job.hpp"
#include "driver/ms_export.hpp"
#include "qa/solution_quality.hpp"
#include "qa/timing.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace nocturne {

/// A Measurement Set that an earlier run made at the same point of the road; it stands as it was left.
struct KeptSet {
    std::string path, run_id;
};

/// A finished group leaves the way it took; a failed one, the error.
struct Travelled {
    std::optional<Error> failure;
    GroupState state;
    Ledger ledger;
    std::unique_ptr<MsExport> ms;
    std::optional<KeptSet> kept;             ///< in place of `ms`
    std::vector<std::string> notes;          ///< of the reader
    std::optional<SolutionQuality> quality;  ///< of solutions that task register keeps; it is not fail
    bool self_calibrated = false;            ///< the state's solutions are those of a round of task selfcal
    nlohmann::ordered_json attempts;  ///< of a flag strategy: what was tried and what came of it; null: no strategy
};

/// What task register says; nothing where the job has none.
struct RegistrationWish {
    double valid_hours = 12;
};
std::optional<RegistrationWish> registration_wish(Job const& job);

/// OUT/GROUP.ms; of a quick look OUT/GROUP-quicklook.ms, so that it takes no place of science products.
std::string ms_path(RunRequest const& request, GroupWork const& work);
/// A set at that place, whole (driver/whole_set.hpp); a quick look is served by the science products' set, too.
bool stands_as_set(db::ProductRow const& set, RunRequest const& request, GroupWork const& work);

/// Every rank of the team calls it; all return the same failure. Files without a recorded hash get it, in `work` and in the index.
/// Solutions that fail their quality are Error(qa_fail), where task register is there to ask. With a kept set stage export is left out.
Travelled travel(GroupWork& work, TeamContext const& context, std::optional<KeptSet> kept);

}  // namespace nocturne
