// result.json without a database. Enters: what it listed before, what the run made since. Leaves: what stands on disk of both.
#pragma once

#include "db/product_list.hpp"
#include "db/runs.hpp"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace nocturne {

/// As result.json has it.
nlohmann::ordered_json to_json(db::ListedProduct const& product);
/// Of a result of this run, so wanted.
db::ListedProduct made_product(nlohmann::json const& document);
nlohmann::ordered_json to_json(db::ProductRow const& row, std::string const& group_id, std::string const& run_id);

/// By path; what was made takes the place of what was there. Files of another size than was recorded are left out.
std::vector<db::ListedProduct> products_that_stand(std::vector<db::ListedProduct> const& before,
                                                   std::vector<db::ListedProduct> const& made);

}  // namespace nocturne
