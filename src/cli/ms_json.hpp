// A written Measurement Set as JSON.
#pragma once

#include "driver/ms_export.hpp"

#include <nlohmann/json.hpp>

namespace nocturne::cli {

nlohmann::ordered_json to_json(MsExported const& ms);

}  // namespace nocturne::cli
