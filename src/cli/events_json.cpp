#include "cli/events_json.hpp"

#include "cli/table.hpp"
#include "db/run_records.hpp"
#include "driver/events.hpp"
#include "driver/spool_lines.hpp"
#include "io/spool.hpp"

#include <algorithm>
#include <set>

namespace nocturne::cli {
namespace {

std::vector<db::EventRow> events_in(SpoolEntry const& entry)
{
    if (auto const* event = std::get_if<db::EventRow>(&entry)) return {*event};
    if (auto const* result = std::get_if<db::GroupResult>(&entry)) return result->events;
    if (auto const* failed = std::get_if<FailedGroup>(&entry)) return failed->events;
    if (auto const* released = std::get_if<ReleasedGroup>(&entry)) return released->events;
    return {};
}

std::optional<double> since_of(EventOptions const& options)
{
    if (options.since.empty()) return std::nullopt;
    return (parse_mjd(options.since, "--since") - 40587) * 86400;
}

}  // namespace

void add_event_options(App& app, EventOptions& options)
{
    app.add_option("--run", options.run, "Of this run: its id, or the beginning of it");
    app.add_option("--kind", options.kind, "Of this kind")
        ->one_of({"started", "progress", "metric", "finished", "error", "canceled"});
    app.add_option("--since", options.since, "That happened at or after this time (UTC date or MJD)");
}

db::EventFilter filter_of(EventOptions const& options, db::Session& session, std::int64_t last)
{
    db::EventFilter filter;
    if (!options.run.empty()) filter.job_key = db::find_run(session, options.run).run_id;
    filter.kind = options.kind;
    filter.since_s = since_of(options);
    filter.last = last;
    return filter;
}

std::vector<nlohmann::ordered_json> waiting_events(EventOptions const& options)
{
    std::vector<db::EventRow> events;
    std::set<std::string> seen;
    auto const since = since_of(options);
    for (auto const& path : spools_in(options.spool))
        for (auto const& line : read_spool(path).lines)
            for (auto& event : events_in(entry_of_line(line))) {
                bool const wanted = event.business_key.rfind(options.run, 0) == 0 &&
                                    (options.kind.empty() || event.kind == options.kind) &&
                                    (!since || event.at_s >= *since);
                if (wanted && seen.insert(event.idempotency_key).second) events.push_back(std::move(event));
            }
    std::stable_sort(events.begin(), events.end(),
                     [](db::EventRow const& a, db::EventRow const& b) { return a.at_s < b.at_s; });
    std::vector<nlohmann::ordered_json> documents;
    for (auto const& event : events) documents.push_back(nocturne::to_json(event));
    return documents;
}

}  // namespace nocturne::cli
