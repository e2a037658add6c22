// When a group that failed is tried again, and when it is given up. Enters: a failure, the policy of its task. Leaves: a decision.
#pragma once

#include "driver/run_job.hpp"

namespace nocturne {

/// What `retry: on` may name: io (74, but for a full disk), space (a full disk or quota), oom (memory of host or GPU), node (other troubles of
/// GPU and system, 71), data (65, 66), quality (3).
std::vector<std::string> const& retry_causes();

/// One of retry_causes(), "" for what is never tried again by itself.
std::string cause_of(GroupFailure const& failure);

/// What stands in the group's way though neither it nor what is made of it is to blame: "space", "oom", "verify" (a copy that is not what was
/// indexed); "" for the rest. Such failures count for themselves, and no number of them gives the group up: the same command tries again.
std::string not_of_the_group(GroupFailure const& failure);

/// Of the task that the failed stage belongs to; of the job where none does.
RetryPolicy const& policy_for(Job const& job, std::string const& stage);

/// Seconds until the next try after so many failures (≥ 1); nothing where the policy has no further one for this cause.
std::optional<double> pause_before_retry(RetryPolicy const& policy, GroupFailure const& failure, int failures);

}  // namespace nocturne
