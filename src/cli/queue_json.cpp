// Enters: rows. Leaves: JSON.
#include "cli/queue_json.hpp"

#include "cli/json_values.hpp"
#include "nocturne/utc_text.hpp"

namespace nocturne::cli {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string utc_text(std::optional<double> unix_s) { return unix_s ? nocturne::utc_text(*unix_s) : ""; }

Json utc_json(std::optional<double> unix_s) { return text_or_null(utc_text(unix_s)); }

Json to_json(db::QueueRow const& row)
{
    auto const& group = row.group;
    return {{"group_id", group.group_id},
            {"state", name(group.state)},
            {"stage", group.stage},
            {"n_subbands", group.n_subbands},
            {"expected_subbands", group.expected_subbands},
            {"retry_count", group.retry_count},
            {"failures", group.failures},
            {"error", text_or_null(group.error)},
            {"error_stage", text_or_null(group.error_stage)},
            {"error_code", group.error_code ? Json(*group.error_code) : Json(nullptr)},
            {"run_id", text_or_null(group.run_id)},
            {"hpc_job_id", text_or_null(row.hpc_job_id)},
            {"lease_owner", text_or_null(row.lease_owner)},
            {"lease_expires", utc_json(row.lease_expires_s)},
            {"fence", row.fence},
            {"received", utc_json(group.received_s)},
            {"last_update", utc_json(group.last_update_s)}};
}

Json to_json(std::vector<db::StatusChange> const& history)
{
    auto list = Json::array();
    for (auto const& change : history)
        list.push_back({{"status", change.status},
                        {"timestamp", utc_json(change.at_s)},
                        {"run_id", text_or_null(change.run_id)},
                        {"detail", text_or_null(change.detail)}});
    return list;
}

}  // namespace nocturne::cli
