// What a group was corrected by, as JSON: in the database, in reports, on stdout. Enters: a record. Leaves: its document.
#pragma once

#include "nocturne/calibration_use.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {

nlohmann::ordered_json to_json(CalibrationUse const& use);

}  // namespace nocturne
