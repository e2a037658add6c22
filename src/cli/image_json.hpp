// One image as `images --json` and `image --json` print it (docs/data-model.md).
#pragma once

#include "db/images.hpp"

#include <nlohmann/json.hpp>

namespace nocturne::cli {

/// Numbers that are unknown become null.
nlohmann::ordered_json to_json(db::ImageRow const& image);

}  // namespace nocturne::cli
