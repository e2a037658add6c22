// Events as verbs print them. Enters: options. Leaves: JSON documents.
#pragma once

#include "cli/verb.hpp"
#include "db/events.hpp"

namespace nocturne::cli {

/// Which events, as options say it.
struct EventOptions {
    std::string run, kind, since, spool;
};
void add_event_options(App& app, EventOptions& options);

/// Of the options; `last` newest, −1 = all. The full id of the run is looked up where its beginning is given.
db::EventFilter filter_of(EventOptions const& options, db::Session& session, std::int64_t last);

/// Events that still wait in the spools of a directory, by time; each once.
std::vector<nlohmann::ordered_json> waiting_events(EventOptions const& options);

}  // namespace nocturne::cli
