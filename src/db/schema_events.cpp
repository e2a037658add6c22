// Migration 11: what happened in runs, as events that other programs can follow, and where a run keeps what it could not record.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_events = R"sql(
CREATE TABLE app (
    app_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    inserted_at DOUBLE PRECISION NOT NULL
);

CREATE TABLE job (
    job_id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES app (app_id),
    site_id TEXT NOT NULL,
    job_key TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at DOUBLE PRECISION,
    ended_at DOUBLE PRECISION,
    duration_s DOUBLE PRECISION,
    cpu_user_s DOUBLE PRECISION,
    cpu_system_s DOUBLE PRECISION,
    mem_max_mb DOUBLE PRECISION,
    metadata TEXT NOT NULL DEFAULT '{}',
    inserted_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX idx_job_started ON job (started_at);
CREATE INDEX idx_job_key ON job (job_key);

CREATE TABLE subjob (
    subjob_id TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    app_id TEXT NOT NULL REFERENCES app (app_id),
    site_id TEXT NOT NULL,
    job_key TEXT NOT NULL,
    sub_key TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at DOUBLE PRECISION,
    ended_at DOUBLE PRECISION,
    duration_s DOUBLE PRECISION,
    cpu_user_s DOUBLE PRECISION,
    cpu_system_s DOUBLE PRECISION,
    mem_max_mb DOUBLE PRECISION,
    metadata TEXT NOT NULL DEFAULT '{}',
    inserted_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX idx_subjob_job ON subjob (job_id);
CREATE INDEX idx_subjob_started ON subjob (started_at);

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    entity_type TEXT NOT NULL CHECK (entity_type IN ('job', 'subjob')),
    entity_id TEXT NOT NULL,
    app_id TEXT NOT NULL REFERENCES app (app_id),
    site_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('started', 'progress', 'metric', 'finished', 'error', 'canceled')),
    payload TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    inserted_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX idx_event_at ON event (at);
CREATE INDEX idx_event_entity ON event (entity_type, entity_id);

ALTER TABLE runs ADD COLUMN spool TEXT;
)sql";

}  // namespace nocturne::db
