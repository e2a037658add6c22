#include "db/event_bench.hpp"

#include "db/events.hpp"
#include "db/hash.hpp"
#include "db/query.hpp"

#include <algorithm>
#include <chrono>

namespace nocturne::db {
namespace {

EventRow made_up(std::string const& run, std::int64_t i)
{
    EventRow event;
    auto const n = std::to_string(i), group = std::to_string(i / 20 % 100);
    event.idempotency_key = hash_text(run + " event " + n);
    event.site_id = "bench";
    event.app_id = "bench";
    event.app_name = event.app_version = "bench";
    event.entity_type = "subjob";
    event.entity_id = hash_text(run + " group " + group);
    event.parent_id = event.business_key = run;
    event.sub_key = group;
    event.kind = i % 20 == 0 ? "started" : i % 20 == 19 ? "finished" : "progress";
    event.status = i % 20 == 19 ? "completed" : "running";
    event.at_s = now_unix_s();
    event.payload = "{\"idempotency_key\":\"" + event.idempotency_key + "\",\"event\":{\"kind\":\"" + event.kind +
                    "\",\"metadata\":{\"where\":\"image.clean, major cycle 3, 1024 components, residual 1.2 mJy\"}}}" +
                    std::string(300, ' ');
    return event;
}

double ship(Session& session, std::vector<EventRow> const& all, std::int64_t batch)
{
    auto const start = std::chrono::steady_clock::now();
    for (auto first = all.begin(); first != all.end();) {
        auto const last = first + std::min<std::ptrdiff_t>(batch, all.end() - first);
        store_events(session, {first, last});
        first = last;
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

EventBench measure_events(Session& session, std::int64_t events, std::int64_t batch)
{
    EventBench bench{events, batch};
    auto const run = "bench " + std::to_string(now_unix_s());
    std::vector<EventRow> all;
    for (std::int64_t i = 0; i < events; ++i) all.push_back(made_up(run, i));
    bench.ship_s = ship(session, all, batch);
    bench.again_s = ship(session, all, batch);
    Query query(session,
                "SELECT count(*) FROM event WHERE entity_id IN (SELECT subjob_id FROM subjob WHERE job_key = :run)");
    query.bind(run);
    auto const& n = query.integer();
    if (query.fetch()) bench.stored = n.value;
    return bench;
}

}  // namespace nocturne::db
