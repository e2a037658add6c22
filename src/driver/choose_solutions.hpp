// Which solutions correct a group of a run. Enters: the job's wish, what the index knows of the group, the registry. Leaves: the files, and why.
#pragma once

#include "db/registry.hpp"
#include "driver/calibration.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace nocturne {

/// Of the registry: the sets before and after the group's middle, or one of them; no files where there is none. Of named files: those, with
/// the validity they are registered with. Checksums are those of the registry, of unregistered files those of now. Throws
/// Error(input_missing) where a named file is not there.
ChosenSolutions choose_solutions(db::Session& session, SolutionWish const& wish, std::string const& group_id);

nlohmann::json to_json(ChosenSolutions const& chosen);
ChosenSolutions chosen_from_json(nlohmann::json const& document);

}  // namespace nocturne
