// Facts of a Measurement Set as JSON, from the child that reads them.
#pragma once

#include "io/ms_facts.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {

nlohmann::json to_json(MsFacts const& facts);
MsFacts facts_from_json(nlohmann::json const& document);

}  // namespace nocturne
