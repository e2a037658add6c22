// Events of runs. Enters: what happened to a job (a run) or a subjob (a group, a stage of it). Leaves: rows, each once however often it is brought.
#pragma once

#include "db/session.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nocturne::db {

/// One event; unknown numbers are NaN and stored as NULL.
struct EventRow {
    std::string idempotency_key;
    std::string site_id, app_id, app_name, app_version;
    std::string entity_type;            ///< "job" or "subjob"
    std::string entity_id, parent_id;   ///< of a job no parent: ""
    std::string business_key, sub_key;  ///< run; group, or group/stage
    std::string kind;                   ///< started, progress, metric, finished, error, canceled
    std::string status;                 ///< of the entity from now on
    double at_s = 0;                    ///< since 1970
    double duration_s = NAN, cpu_user_s = NAN, cpu_system_s = NAN, mem_max_mb = NAN;
    std::string metadata_json = "{}";
    std::string payload;  ///< the whole event as JSON
};

/// In one transaction: those whose key is new, and what they say of their job or subjob. They may come in any order: an end stays an end. Returns
/// how many were new.
std::int64_t store_events(Session& session, std::vector<EventRow> const& events);
/// The same inside a transaction of the caller.
std::int64_t store_events_within(Session& session, std::vector<EventRow> const& events);

struct EventFilter {
    std::string job_key = {};  ///< run; "" = all
    std::string kind = {};
    std::optional<double> since_s = {};
    std::int64_t after_id = 0;  ///< rows that came later than this one
    std::int64_t last = -1;     ///< only so many, the newest; −1 = all
};

struct StoredEvent {
    std::int64_t id = 0;
    std::string payload;
};

/// By number. On PostgreSQL one of a lower number may come later: numbers are given before a transaction ends (`EventFollower`).
std::vector<StoredEvent> list_events(Session& session, EventFilter const& filter = {});
/// Their numbers alone.
std::vector<std::int64_t> event_ids(Session& session, EventFilter const& filter = {});

}  // namespace nocturne::db
