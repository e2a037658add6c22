// Migration 2: what was run, on what, with what, and how long each stage took.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_runs = R"sql(
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    status TEXT NOT NULL DEFAULT 'PENDING'
        CHECK (status IN ('PENDING', 'STAGING_DATA', 'SUBMITTED', 'RUNNING', 'COLLECTING_RESULTS', 'COMPLETED', 'FAILED',
                          'CANCELLED')),
    job_name TEXT,
    command_line TEXT,
    config TEXT NOT NULL DEFAULT '{}',
    code_version TEXT NOT NULL,
    host TEXT,
    device TEXT,
    device_uuid TEXT,
    ranks BIGINT NOT NULL DEFAULT 1,
    hpc_job_id TEXT,
    restart_count BIGINT NOT NULL DEFAULT 0,
    retry_count BIGINT NOT NULL DEFAULT 0,
    submitted_at DOUBLE PRECISION,
    started_at DOUBLE PRECISION,
    finished_at DOUBLE PRECISION,
    wall_time_s DOUBLE PRECISION,
    cpu_hours DOUBLE PRECISION,
    peak_memory_gb DOUBLE PRECISION,
    exit_code BIGINT,
    error TEXT
);
CREATE INDEX idx_runs_started ON runs (started_at);
CREATE INDEX idx_runs_status ON runs (status);

CREATE TABLE group_runs (
    run_id TEXT NOT NULL REFERENCES runs (run_id),
    group_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
    fence BIGINT NOT NULL DEFAULT 0,
    started_at DOUBLE PRECISION,
    finished_at DOUBLE PRECISION,
    input_key TEXT,
    config_hash TEXT,
    code_version TEXT,
    config TEXT,
    host TEXT,
    rank BIGINT,
    ranks BIGINT,
    device TEXT,
    device_uuid TEXT,
    n_subbands BIGINT,
    error TEXT,
    error_stage TEXT,
    error_code BIGINT,
    PRIMARY KEY (run_id, group_id)
);
CREATE INDEX idx_group_runs_group ON group_runs (group_id, status);

CREATE TABLE run_inputs (
    run_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    subband_idx BIGINT NOT NULL,
    path TEXT NOT NULL,
    xxh128 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (run_id, group_id, path),
    FOREIGN KEY (run_id, group_id) REFERENCES group_runs (run_id, group_id)
);

CREATE TABLE stage_timings (
    run_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    stage TEXT NOT NULL,
    wall_s DOUBLE PRECISION NOT NULL,
    bytes BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (run_id, group_id, sequence),
    FOREIGN KEY (run_id, group_id) REFERENCES group_runs (run_id, group_id)
);
)sql";

}  // namespace nocturne::db
