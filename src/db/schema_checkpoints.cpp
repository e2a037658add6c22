// Migration 10: checkpoints of stages by content; failures that count until a group is given up; raw files that were deleted. Without an index of
// what waits PostgreSQL looks for the oldest waiting group along the primary key, past all that are done.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_checkpoints = R"sql(
CREATE TABLE checkpoints (
    run_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    task TEXT NOT NULL,
    stage TEXT NOT NULL,
    key TEXT,
    product TEXT,
    made_by TEXT NOT NULL,
    PRIMARY KEY (run_id, group_id, sequence)
);
CREATE INDEX idx_checkpoints_group ON checkpoints (group_id, key);

ALTER TABLE ingest_queue ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ingest_queue ADD COLUMN failed_key TEXT;
CREATE INDEX idx_ingest_queue_pending ON ingest_queue (group_id) WHERE state = 'pending';

CREATE TABLE deletion_log (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    group_id TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    xxh128 TEXT NOT NULL,
    copies TEXT NOT NULL,
    verified_at DOUBLE PRECISION NOT NULL,
    deleted_at DOUBLE PRECISION,
    command_line TEXT
);
CREATE INDEX idx_deletion_log_path ON deletion_log (path);
)sql";

}  // namespace nocturne::db
