// What is told of runs whose process is gone.
#pragma once

#include "db/recovery.hpp"

namespace nocturne {

/// The end of a run (a claim without a group: an error), or of a group of it (canceled), for db::recover_abandoned. Its own end, where it lives after
/// all, is another event.
db::EventRow end_of_the_dead(db::Claim const& of, std::string const& why);

}  // namespace nocturne
