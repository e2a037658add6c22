// Errors as JSON, between a program and its child. Enters: an Error. Leaves: the same on the other side.
#pragma once

#include "nocturne/error.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {

nlohmann::json to_json(Error const& error);
Error error_from_json(nlohmann::json const& document);

}  // namespace nocturne
