// Enters: the name by which a query calls the queue. Leaves: its columns, and a GroupRow for each row.
#include "db/group_rows.hpp"

#include <nlohmann/json.hpp>

namespace nocturne::db {

std::string group_columns(std::string const& of)
{
    std::string columns;
    for (char const* const name : {"group_id", "state", "processing_stage", "expected_subbands", "n_subbands",
                                   "missing", "start_mjd", "end_mjd", "path", "retry_count", "error", "error_stage",
                                   "error_code", "run_id", "received_at", "last_update", "failures", "failed_key"})
        columns += (columns.empty() ? "" : ", ") + of + name;
    return columns;
}

GroupRows::GroupRows(Query& query)
    : group_id_(query.text()),
      state_(query.text()),
      stage_(query.text()),
      expected_(query.integer()),
      n_(query.integer()),
      missing_(query.text()),
      start_(query.real()),
      end_(query.real()),
      path_(query.text()),
      retries_(query.integer()),
      error_(query.text()),
      error_stage_(query.text()),
      error_code_(query.integer()),
      run_id_(query.text()),
      received_(query.real()),
      updated_(query.real()),
      failures_(query.integer()),
      failed_key_(query.text())
{}

GroupRow GroupRows::row() const
{
    GroupRow row;
    row.group_id = group_id_.get();
    row.state = queue_state(state_.get());
    row.stage = stage_.get();
    row.expected_subbands = static_cast<int>(expected_.get());
    row.n_subbands = static_cast<int>(n_.get());
    auto const missing = nlohmann::json::parse(missing_.get("[]"), nullptr, false);
    if (missing.is_array()) row.missing = missing.get<std::vector<int>>();
    row.start_mjd = start_.optional();
    row.end_mjd = end_.optional();
    row.path = path_.get();
    row.retry_count = static_cast<int>(retries_.get());
    row.error = error_.get();
    row.error_stage = error_stage_.get();
    if (!error_code_.null()) row.error_code = static_cast<int>(error_code_.get());
    row.run_id = run_id_.get();
    row.received_s = received_.get();
    row.last_update_s = updated_.get();
    row.failures = static_cast<int>(failures_.get());
    row.failed_key = failed_key_.get();
    return row;
}

}  // namespace nocturne::db
