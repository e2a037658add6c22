// A group's header as JSON, for a child process. Every number comes back as it was (doubles to the last bit; NaN as null).
#pragma once

#include "nocturne/group.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {

nlohmann::json to_json(GroupHeader const& header);
nlohmann::json to_json(Site const& site);
nlohmann::json to_json(std::vector<Antenna> const& antennas);
Site site_from_json(nlohmann::json const& document);
std::vector<Antenna> antennas_from_json(nlohmann::json const& document);

/// Throws Error(defect) where `document` is not what `to_json` makes.
GroupHeader header_from_json(nlohmann::json const& document);

}  // namespace nocturne
