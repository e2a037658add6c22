#include "db/event_follower.hpp"

#include "db/query.hpp"

#include <algorithm>
#include <utility>

namespace nocturne::db {
namespace {

/// Transactions that are open when the follower comes may bring events of lower numbers than those that are there, by this many at most.
constexpr std::int64_t most_numbers_back = 10000;

}  // namespace

EventFollower::EventFollower(Session& session, EventFilter filter) : session_(session), filter_(std::move(filter))
{
    auto before = filter_;
    before.last = std::max(most_numbers_back, filter_.last);
    for (auto const id : event_ids(session_, before)) seen_.insert(id);
    if (std::ssize(seen_) >= before.last) filter_.after_id = *seen_.begin() - 1;
}

/// Of transactions that write events now, or may have.
std::set<std::string> EventFollower::writers() const
{
    std::set<std::string> found;
    if (session_.dialect() == Dialect::sqlite) return found;
    Query query(session_,
                "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = "
                "to_regclass('event') AND mode = 'RowExclusiveLock' AND granted AND database = (SELECT oid FROM "
                "pg_database WHERE datname = current_database())");
    auto& id = query.text();
    while (query.fetch()) found.insert(id.get());
    return found;
}

/// What is asked of the database comes before anything is noted as seen: where it goes away in between, the next call begins anew.
std::vector<StoredEvent> EventFollower::next()
{
    auto const busy = writers();  // before the events: of those that have ended by now, all are among these
    auto events = list_events(session_, filter_);
    bool const all_ended = std::none_of(awaited_.begin(), awaited_.end(),
                                        [&](std::string const& writer) { return busy.count(writer) > 0; });
    bool const over = waiting_ && !first_ && all_ended;
    auto later = waiting_ && !over ? std::set<std::string>{} : writers();

    filter_.last = -1;
    if (!std::exchange(first_, false))
        std::erase_if(events, [&](StoredEvent const& event) { return seen_.count(event.id) > 0; });
    for (auto const& event : events) seen_.insert(event.id);
    if (over) {
        filter_.after_id = up_to_;
        seen_.erase(seen_.begin(), seen_.upper_bound(up_to_));
        waiting_ = false;
    }
    if (waiting_ || seen_.empty()) return events;
    up_to_ = *seen_.rbegin();
    awaited_ = std::move(later);
    waiting_ = true;
    return events;
}

}  // namespace nocturne::db
