// Enters: rows. Leaves: JSON.
#include "cli/runs_json.hpp"

#include "cli/json_values.hpp"
#include "cli/queue_json.hpp"

namespace nocturne::cli {
namespace {

using Json = nlohmann::ordered_json;

template<class T>
Json value_or_null(std::optional<T> const& value)
{
    return value ? Json(*value) : Json(nullptr);
}

}  // namespace

Json to_json(db::RunRow const& run)
{
    return {{"run_id", run.run_id},
            {"status", run.status},
            {"job_name", text_or_null(run.job_name)},
            {"command_line", text_or_null(run.command_line)},
            {"code_version", run.code_version},
            {"host", text_or_null(run.host)},
            {"device", text_or_null(run.device)},
            {"device_uuid", text_or_null(run.device_uuid)},
            {"ranks", run.ranks},
            {"hpc_job_id", text_or_null(run.hpc_job_id)},
            {"restart_count", run.restart_count},
            {"submitted", utc_json(run.submitted_s)},
            {"started", utc_json(run.started_s)},
            {"finished", utc_json(run.finished_s)},
            {"wall_time_s", value_or_null(run.wall_time_s)},
            {"cpu_hours", value_or_null(run.cpu_hours)},
            {"peak_memory_gb", value_or_null(run.peak_memory_gb)},
            {"exit_code", value_or_null(run.exit_code)},
            {"error", text_or_null(run.error)}};
}

Json to_json(db::GroupRunRow const& group)
{
    auto stages = Json::array();
    for (auto const& stage : group.stages)
        stages.push_back({{"stage", stage.stage}, {"wall_s", stage.wall_s}, {"bytes", stage.bytes}});
    return {{"group_id", group.group_id},
            {"status", group.status},
            {"host", text_or_null(group.host)},
            {"fence", group.fence},
            {"started", utc_json(group.started_s)},
            {"finished", utc_json(group.finished_s)},
            {"error", text_or_null(group.error)},
            {"error_stage", text_or_null(group.error_stage)},
            {"error_code", value_or_null(group.error_code)},
            {"stages", stages}};
}

}  // namespace nocturne::cli
