// Which solutions correct a group. Enters: the job's wish, what the index knows of the group, the registry. Leaves: the files, and why.
#pragma once

#include "db/groups.hpp"
#include "db/registry.hpp"
#include "driver/calibration.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace nocturne {

/// Where and when a group is, and which sets are of such data, as far as the index knows and its first file; from its header.
db::SetSearch place_of(db::GroupFacts const& group, SolutionWish const& wish);
db::SetSearch place_of(GroupHeader const& header, SolutionWish const& wish);

/// Of the registry: the sets before and after the group's middle, or one of them; no files where there is none. Of named files: those, with
/// the validity they are registered with. Checksums are those of the registry, of unregistered files those of now. Throws
/// Error(input_missing) where a named file is not there.
ChosenSolutions choose_solutions(db::Session& session, SolutionWish const& wish, db::SetSearch place);

/// For one group by hand: what its job names, or the registry of database `named` (none named: of nocturne.sqlite here); named files with what that database
/// knows of them, where it is there. The leader chooses for all. Empty where the job wishes for none. Throws Error(usage) where the job wants the registry
/// and no database is chosen.
SolutionBringer hand_bringer(Job const& job, std::string const& named);

/// What products say of these sets for data of that time: SAME_DATE_VALID within half a day of both.
CalProvenance provenance_of(db::SetChoice const& choice, double mjd);

nlohmann::json to_json(ChosenSolutions const& chosen);
ChosenSolutions chosen_from_json(nlohmann::json const& document);

}  // namespace nocturne
