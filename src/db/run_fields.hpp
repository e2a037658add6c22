// What a run says of itself when it starts: the order of its fields in statements.
#pragma once

#include "db/query.hpp"
#include "db/runs.hpp"

namespace nocturne::db {

/// Binds job_name, command_line, config, code_version, host, device, device_uuid, ranks, hpc_job_id, restart_count, spool.
inline Query& bind_fields(Query& query, RunStart const& start)
{
    return query.bind_text_or_null(start.job_name)
        .bind_text_or_null(start.command_line)
        .bind(start.config_json)
        .bind(start.code_version)
        .bind_text_or_null(start.host)
        .bind_text_or_null(start.device)
        .bind_text_or_null(start.device_uuid)
        .bind(start.ranks)
        .bind_text_or_null(start.hpc_job_id)
        .bind(start.restart_count)
        .bind_text_or_null(start.spool);
}

}  // namespace nocturne::db
