// Rows of the registry as JSON and back, and as text: what the verbs `registry …` have in common.
#pragma once

#include "db/registry.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace nocturne::cli {

nlohmann::ordered_json to_json(db::SetRow const& set);
nlohmann::ordered_json to_json(db::CalTableRow const& row);
/// Throws Error(bad_input) where it is not what to_json makes.
db::CalTableRow row_from_json(nlohmann::ordered_json const& document);

void print_tables(std::vector<db::CalTableRow> const& rows);

}  // namespace nocturne::cli
