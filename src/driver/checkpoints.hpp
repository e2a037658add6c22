// Checkpoints of stages by content. Enters: a job, a group. Leaves: a key for each of its tasks, and what of earlier results serves again.
// What a pass leaves in memory is made again by the next pass over the files, which is cheaper than reading it back; what a stage keeps as
// a product (Measurement Sets of export) serves as long as its key is the same.
#pragma once

#include "driver/travel.hpp"

namespace nocturne {

/// A checksum over all that decides a result: inputs, effective configuration, code version.
std::string text_of(db::ResultKey const& key);

/// For each task the key of what stands after it: inputs, the effective configuration of this task and those before it, the files that
/// these name, the solutions where they are applied by then, code version. Task export changes nothing for those after it, so it
/// stands in no key but its own.
std::vector<db::Checkpoint> checkpoints_of(Job const& job, GroupWork const& work, std::string const& backend);

/// The Measurement Set of an earlier run that this one need not make again: same key, and it stands in its place. On the team's leader.
std::optional<KeptSet> find_kept_set(GroupWork const& work, TeamContext const& context, db::Session& session);

/// The same on every rank of the team.
std::optional<KeptSet> agree_on_kept_set(GroupWork const& work, TeamContext const& context);

}  // namespace nocturne
