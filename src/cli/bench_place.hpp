// Where and when something was measured, for tables that are kept.
#pragma once

#include <nlohmann/json.hpp>

namespace nocturne::cli {

/// {"cpu", "cores", "load" (of the last minute, ours included), "date", "code_version"}.
nlohmann::ordered_json bench_place();

}  // namespace nocturne::cli
