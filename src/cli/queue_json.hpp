// Rows of the queue and of histories as JSON; times as UTC text.
#pragma once

#include "db/queue.hpp"

#include <nlohmann/json.hpp>

namespace nocturne::cli {

/// "2026-03-01T05:00:00Z" of Unix seconds; null where there are none.
nlohmann::ordered_json utc_json(std::optional<double> unix_s);
/// The same as text, "" where there are none.
std::string utc_text(std::optional<double> unix_s);

nlohmann::ordered_json to_json(db::QueueRow const& row);
/// [{"status", "timestamp", "run_id", "detail"}], oldest first.
nlohmann::ordered_json to_json(std::vector<db::StatusChange> const& history);

}  // namespace nocturne::cli
