// Tables of solutions as JSON (sent as CBOR), from the child that read them. Enters: a table. Leaves: the same on the other side.
#pragma once

#include "nocturne/cal_table.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {

nlohmann::json to_json(CalTable const& table);

/// Throws Error(bad_input) where lists do not fit one another.
CalTable cal_table_from_json(nlohmann::json const& document);

}  // namespace nocturne
