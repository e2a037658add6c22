// Runs as JSON.
#pragma once

#include "db/run_records.hpp"

#include <nlohmann/json.hpp>

namespace nocturne::cli {

nlohmann::ordered_json to_json(db::RunRow const& run);
nlohmann::ordered_json to_json(db::GroupRunRow const& group);

}  // namespace nocturne::cli
