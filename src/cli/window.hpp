// A window of time as it was typed.
#pragma once

#include "nocturne/error.hpp"

namespace nocturne::cli {

/// Throws Error(usage) where no group can lie in it.
inline void require_window(double since_mjd, double until_mjd)
{
    if (until_mjd > since_mjd) return;
    throw Error(Code::usage, "--until is not later than --since", "no group starts in between",
                "give the earlier time to --since");
}

}  // namespace nocturne::cli
