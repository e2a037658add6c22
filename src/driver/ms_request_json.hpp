// What decides a Measurement Set, as JSON for the process that makes it.
#pragma once

#include "io/ms_request.hpp"
#include "io/ms_writer.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {

nlohmann::json to_json(MsRequest const& request);
MsRequest ms_request_from_json(nlohmann::json const& document);

nlohmann::json to_json(std::vector<MsSample> const& samples);
std::vector<MsSample> ms_samples_from_json(nlohmann::json const& document);

}  // namespace nocturne
