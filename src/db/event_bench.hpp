// How fast events are shipped. Enters: a database, counts. Leaves: events a second.
#pragma once

#include "db/session.hpp"

#include <cstdint>

namespace nocturne::db {

struct EventBench {
    std::int64_t events = 0, batch = 0;
    double ship_s = 0, again_s = 0;  ///< new ones; the same once more, which changes nothing
    std::int64_t stored = 0;         ///< rows there are in the end
};

/// `events` made-up ones of a run of 100 groups, `batch` a transaction; then all of them again.
EventBench measure_events(Session& session, std::int64_t events, std::int64_t batch);

}  // namespace nocturne::db
