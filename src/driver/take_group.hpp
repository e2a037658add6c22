// A team's claim on a group: got, kept alive while the group is worked on, or the reason why there is none. On the team's leader.
#pragma once

#include "driver/group_job.hpp"

namespace nocturne {

/// The claim on the group; without one `outcome` says why: done meanwhile (skipped), or in the hands of another run (held). Files of
/// `work` without a checksum get that which the index knows by now.
std::optional<db::Claim> take_group(GroupWork& work, TeamContext const& context, db::Session& session,
                                    GroupOutcome& outcome);

/// The context with a pulse that renews the claim and tells where the group stands, once a minute, where there is one.
TeamContext with_heartbeat(TeamContext context, std::optional<db::Claim> const& claim);

/// A group that is not complete is worked on, and says so.
void warn_of_missing(GroupWork const& work);

}  // namespace nocturne
