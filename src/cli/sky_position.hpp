// Positions as people write them. Enters: text. Leaves: a direction.
#pragma once

#include "nocturne/units.hpp"

#include <string>

namespace nocturne::cli {

/// "83.6331,22.0145" (degrees) or "05:34:31.94,+22:00:52.2" (hours, degrees). Throws Error(usage) that names `option`.
Direction parse_position(std::string const& text, std::string const& option);

}  // namespace nocturne::cli
