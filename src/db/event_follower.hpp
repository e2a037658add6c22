// Events as they come. Enters: a filter. Leaves: each event once, however late the transaction that brought it ended.
#pragma once

#include "db/events.hpp"

#include <set>
#include <string>
#include <vector>

namespace nocturne::db {

/// An event's number is given before its transaction ends, so a higher one may be seen before a lower one. What was seen is remembered until no
/// transaction is left that may hold a lower number: on PostgreSQL those that had the table open for writing (pg_locks), on SQLite none.
class EventFollower {
public:
    /// Looks at what is there; the session outlives it.
    EventFollower(Session& session, EventFilter filter);

    /// First the newest `filter.last`, then those that came since, by number. Where the database goes away (DatabaseAway) none is lost: the session may be
    /// replaced by a new one before the next call.
    std::vector<StoredEvent> next();

private:
    std::set<std::string> writers() const;

    Session& session_;
    EventFilter filter_;           ///< `after_id`: no event up to there is still to come
    std::set<std::int64_t> seen_;  ///< beyond it
    std::int64_t up_to_ = 0;       ///< where `after_id` goes once those of `awaited_` have ended
    std::set<std::string> awaited_;
    bool waiting_ = false, first_ = true;
};

}  // namespace nocturne::db
