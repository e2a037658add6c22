// The headers of many new files, looked at by all ranks of a job. Enters: paths, on the leader. Leaves: what each file is, there.
#pragma once

#include "driver/index.hpp"
#include "driver/ranks.hpp"

#include <functional>

namespace nocturne {

/// Runs `work` on the leader, as on_leader does: its error is everybody's. Meanwhile the other ranks wait for files to look at: the function that `work` is
/// given shares paths out, rank r of n taking every n-th from the r-th on, each with a child of its own. A path that a rank could not look at is not in its
/// answer.
void on_leader_with_helpers(Ranks const& ranks, std::function<void(LookAtMany const&)> const& work);

}  // namespace nocturne
