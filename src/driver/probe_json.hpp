// What a probe found, as JSON: from the child to its parent, and from rank to rank. Numbers come back to the last bit.
#pragma once

#include "driver/probe.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {

nlohmann::json to_json(FileSummary const& summary);
nlohmann::json to_json(ProbedFile const& file);
/// Both throw nlohmann::json::exception where the document is another one's.
FileSummary file_summary_from(nlohmann::json const& document);
ProbedFile probed_file_from(nlohmann::json const& document);

}  // namespace nocturne
