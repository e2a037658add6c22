// The log on stderr: text, or one JSON document a line. Enters: the global options. Leaves: spdlog's default logger.
#pragma once

#include "cli/verb.hpp"

namespace nocturne::cli {

void set_up_log(Globals const& globals);

}  // namespace nocturne::cli
