#include "db/events.hpp"

#include "db/query.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace nocturne::db {
namespace {

constexpr std::size_t at_once = 100;  ///< rows a statement: the libraries look up the names of its values one by one

/// "(:a0, :b0), (:a1, :b1)" for `rows` rows of `columns` values.
std::string value_lists(std::size_t rows, int columns)
{
    std::string text;
    for (std::size_t row = 0; row < rows; ++row) {
        text += row ? ", (" : "(";
        for (int column = 0; column < columns; ++column)
            text += (column ? ", :" : ":") + std::string(1, static_cast<char>('a' + column)) + std::to_string(row);
        text += ")";
    }
    return text;
}

/// `bind_row(query, row)` for each row, at most `at_once` a statement: "INSERT … VALUES " + rows + tail.
template<class Row, class Bind>
void insert_rows(Session& session, std::vector<Row> const& rows, std::string const& into, int columns,
                 std::string const& tail, Bind const& bind_row)
{
    for (std::size_t first = 0; first < rows.size(); first += at_once) {
        auto const n = std::min(rows.size() - first, at_once);
        Query query(session, into + " VALUES " + value_lists(n, columns) + tail);
        for (std::size_t i = first; i < first + n; ++i) bind_row(query, rows[i]);
        query.run();
    }
}

void store_apps(Session& session, std::vector<EventRow> const& events)
{
    std::map<std::string, EventRow const*> apps;
    for (auto const& event : events) apps.emplace(event.app_id, &event);
    for (auto const& [id, event] : apps)
        Query(session,
              "INSERT INTO app (app_id, name, version, inserted_at) VALUES (:id, :name, :version, :now) ON CONFLICT "
              "(app_id) DO NOTHING")
            .bind(id)
            .bind(event->app_name)
            .bind(event->app_version)
            .bind(now_unix_s())
            .run();
}

/// Rows of at most `at_once` events; the keys that were new.
std::set<std::string> insert_events(Session& session, std::vector<EventRow> const& events, std::size_t first)
{
    auto const n = std::min(events.size() - first, at_once);
    Query query(session,
                "INSERT INTO event (at, entity_type, entity_id, app_id, site_id, kind, payload, idempotency_key, "
                "inserted_at) VALUES " +
                    value_lists(n, 9) + " ON CONFLICT (idempotency_key) DO NOTHING RETURNING idempotency_key");
    double const now = now_unix_s();
    for (std::size_t i = first; i < first + n; ++i) {
        auto const& e = events[i];
        query.bind(e.at_s).bind(e.entity_type).bind(e.entity_id).bind(e.app_id).bind(e.site_id);
        query.bind(e.kind).bind(e.payload).bind(e.idempotency_key).bind(now);
    }
    auto& key = query.text();
    std::set<std::string> fresh;
    while (query.fetch()) fresh.insert(key.get());
    return fresh;
}

/// What all events of one entity say of it together.
struct Entity {
    EventRow last;
    double started_s = NAN, ended_s = NAN;
};

bool is_end(EventRow const& event)
{
    return event.kind == "finished" || event.kind == "error" || event.kind == "canceled";
}

double known_or(double value, double otherwise) { return std::isnan(value) ? otherwise : value; }

void add(std::map<std::string, Entity>& all, EventRow const& event)
{
    auto& entity = all[event.entity_id];
    EventRow const before = entity.last;
    bool const ended = !std::isnan(entity.ended_s);
    entity.last = event;
    if (ended && !is_end(event)) entity.last.status = before.status;
    entity.last.duration_s = known_or(event.duration_s, before.duration_s);
    entity.last.cpu_user_s = known_or(event.cpu_user_s, before.cpu_user_s);
    entity.last.cpu_system_s = known_or(event.cpu_system_s, before.cpu_system_s);
    entity.last.mem_max_mb = known_or(event.mem_max_mb, before.mem_max_mb);
    if (event.metadata_json == "{}") entity.last.metadata_json = before.metadata_json;
    if (event.kind == "started") entity.started_s = event.at_s;
    if (is_end(event)) entity.ended_s = event.at_s;
}

/// What an older row knows and a newer event does not say is kept; the status of an end outlives news that come late.
std::string merge_rule(std::string const& table)
{
    std::string text = " DO UPDATE SET status = CASE WHEN excluded.ended_at IS NULL AND " + table +
                       ".ended_at IS NOT NULL THEN " + table +
                       ".status ELSE excluded.status END, metadata = CASE WHEN excluded.metadata = '{}' THEN " + table +
                       ".metadata ELSE excluded.metadata END";
    for (std::string const column :
         {"started_at", "ended_at", "duration_s", "cpu_user_s", "cpu_system_s", "mem_max_mb"})
        text += ", " + column + " = coalesce(excluded." + column + ", " + table + "." + column + ")";
    return text;
}

Query& bind_state(Query& query, Entity const& entity)
{
    auto const& e = entity.last;
    return query.bind(e.app_id)
        .bind(e.site_id)
        .bind(e.business_key)
        .bind(e.status)
        .bind(entity.started_s)
        .bind(entity.ended_s)
        .bind(e.duration_s)
        .bind(e.cpu_user_s)
        .bind(e.cpu_system_s)
        .bind(e.mem_max_mb)
        .bind(e.metadata_json)
        .bind(now_unix_s());
}

std::vector<Entity> values_of(std::map<std::string, Entity> const& all)
{
    std::vector<Entity> list;
    for (auto const& [id, entity] : all) list.push_back(entity);
    return list;
}

}  // namespace

std::int64_t store_events_within(Session& session, std::vector<EventRow> const& events)
{
    store_apps(session, events);
    std::map<std::string, Entity> jobs, subjobs;
    std::int64_t fresh = 0;
    for (std::size_t first = 0; first < events.size(); first += at_once) {
        auto keys = insert_events(session, events, first);
        fresh += std::ssize(keys);
        for (std::size_t i = first; i < std::min(first + at_once, events.size()); ++i)
            if (keys.erase(events[i].idempotency_key) == 1)
                add(events[i].entity_type == "job" ? jobs : subjobs, events[i]);
    }
    std::string const columns =
        "app_id, site_id, job_key, status, started_at, ended_at, duration_s, cpu_user_s, cpu_system_s, mem_max_mb, "
        "metadata, inserted_at)";
    insert_rows(session, values_of(jobs), "INSERT INTO job (job_id, " + columns, 13,
                " ON CONFLICT (job_id)" + merge_rule("job"),
                [](Query& query, Entity const& one) { bind_state(query.bind(one.last.entity_id), one); });
    insert_rows(session, values_of(subjobs), "INSERT INTO subjob (subjob_id, job_id, sub_key, " + columns, 15,
                " ON CONFLICT (subjob_id)" + merge_rule("subjob"), [](Query& query, Entity const& one) {
                    query.bind(one.last.entity_id).bind(one.last.parent_id).bind(one.last.sub_key);
                    bind_state(query, one);
                });
    return fresh;
}

std::int64_t store_events(Session& session, std::vector<EventRow> const& events)
{
    if (events.empty()) return 0;
    return transact(session, [&] { return store_events_within(session, events); });
}

namespace {

/// `query` with the filter's values bound, its text without the columns: "FROM …".
std::string filtered(Query& query, EventFilter const& filter)
{
    std::string where = "WHERE id > :after";
    if (!filter.job_key.empty())
        where +=
            " AND (entity_id IN (SELECT job_id FROM job WHERE job_key = :a) OR entity_id IN (SELECT subjob_id FROM "
            "subjob WHERE job_key = :b))";
    if (!filter.kind.empty()) where += " AND kind = :kind";
    if (filter.since_s) where += " AND at >= :since";
    query.bind(filter.after_id);
    if (!filter.job_key.empty()) query.bind(filter.job_key).bind(filter.job_key);
    if (!filter.kind.empty()) query.bind(filter.kind);
    if (filter.since_s) query.bind(*filter.since_s);
    if (filter.last >= 0) query.bind(filter.last);
    return "FROM event " + where + (filter.last >= 0 ? " ORDER BY id DESC LIMIT :last" : "");
}

}  // namespace

std::vector<std::int64_t> event_ids(Session& session, EventFilter const& filter)
{
    Query query(session, "");
    query.set_text("SELECT id FROM (SELECT id " + filtered(query, filter) + ") AS newest ORDER BY id");
    auto& id = query.integer();
    std::vector<std::int64_t> ids;
    while (query.fetch()) ids.push_back(id.get());
    return ids;
}

std::vector<StoredEvent> list_events(Session& session, EventFilter const& filter)
{
    Query query(session, "");
    query.set_text("SELECT id, payload FROM (SELECT id, payload " + filtered(query, filter) +
                   ") AS newest ORDER BY id");
    auto& id = query.integer();
    auto& payload = query.text();
    std::vector<StoredEvent> events;
    while (query.fetch()) events.push_back({id.get(), payload.get()});
    return events;
}

}  // namespace nocturne::db
