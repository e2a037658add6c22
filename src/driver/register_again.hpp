// Sets of finished groups that the registry lost. Enters: results that stand. Leaves: their solutions registered again, without a solve.
#pragma once

#include "driver/group_job.hpp"
#include "driver/register_solutions.hpp"

#include <optional>
#include <vector>

namespace nocturne {

struct Worklist;

/// The solutions of a result whose job registers them, where the registry has not these: another result of the group took the set's name, or nobody
/// registered them here. Nothing where they are active, or a person retired them.
std::optional<db::ProductRow> lost_solutions(RunRequest const& request, db::Session& session,
                                             std::vector<db::ProductRow> const& products);

/// How task register registers what it is given.
RegisterRequest registration_of(LoadedSolutions const& made, RunRequest const& request);

/// Registers what the list says is lost, and says so; groups whose files no longer serve go to `unfit`. Throws db::DatabaseAway.
void register_again(RunRequest const& request, db::Session& session, Worklist& list);

/// In the log: which sets gave way, and for what.
void tell_replaced(std::vector<db::GaveWay> const& gone);

}  // namespace nocturne
