// Migration 1: what was found on disk and what is to be done. Names as in dsa110-contimg, so that its queries keep working.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_ingest = R"sql(
CREATE TABLE ingest_queue (
    group_id TEXT PRIMARY KEY,
    state TEXT NOT NULL DEFAULT 'collecting'
        CHECK (state IN ('collecting', 'pending', 'in_progress', 'completed', 'failed')),
    received_at DOUBLE PRECISION NOT NULL,
    last_update DOUBLE PRECISION NOT NULL,
    expected_subbands BIGINT NOT NULL DEFAULT 16 CHECK (expected_subbands > 0),
    retry_count BIGINT NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
    error TEXT,
    checkpoint_path TEXT,
    processing_stage TEXT NOT NULL DEFAULT 'collecting'
        CHECK (processing_stage IN ('collecting', 'pending', 'converting', 'converted', 'flagging_rfi', 'solving_cal',
                                    'applying_cal', 'imaging', 'done', 'failed', 'error')),
    chunk_minutes DOUBLE PRECISION,
    has_calibrator BIGINT,
    n_subbands BIGINT NOT NULL DEFAULT 0,
    missing TEXT NOT NULL DEFAULT '[]',
    start_mjd DOUBLE PRECISION,
    end_mjd DOUBLE PRECISION,
    path TEXT,
    error_stage TEXT,
    error_code BIGINT,
    run_id TEXT,
    lease_owner TEXT,
    lease_expires DOUBLE PRECISION,
    fence BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX idx_ingest_queue_start ON ingest_queue (start_mjd);
CREATE INDEX idx_ingest_queue_state ON ingest_queue (state, group_id);

CREATE TABLE hdf5_files (
    path TEXT PRIMARY KEY,
    filename TEXT NOT NULL,
    group_id TEXT NOT NULL,
    subband_code TEXT NOT NULL,
    subband_num BIGINT,
    timestamp_iso TEXT,
    timestamp_mjd DOUBLE PRECISION,
    file_size_bytes BIGINT,
    modified_time DOUBLE PRECISION,
    indexed_at DOUBLE PRECISION NOT NULL,
    stored BIGINT NOT NULL DEFAULT 1,
    ra_deg DOUBLE PRECISION,
    dec_deg DOUBLE PRECISION,
    obs_date TEXT,
    obs_time TEXT,
    xxh128 TEXT,
    status TEXT NOT NULL DEFAULT 'present'
        CHECK (status IN ('present', 'superseded', 'rejected', 'skipped', 'foreign', 'missing')),
    reason TEXT,
    telescope_name TEXT,
    start_mjd DOUBLE PRECISION,
    end_mjd DOUBLE PRECISION,
    n_integrations BIGINT,
    n_baselines BIGINT,
    n_channels BIGINT,
    n_correlations BIGINT,
    freq_first_hz DOUBLE PRECISION,
    freq_last_hz DOUBLE PRECISION
);
CREATE INDEX idx_hdf5_group ON hdf5_files (group_id, subband_num);
CREATE INDEX idx_hdf5_timestamp ON hdf5_files (timestamp_mjd);
CREATE INDEX idx_hdf5_stored ON hdf5_files (stored);
CREATE INDEX idx_hdf5_coords ON hdf5_files (ra_deg, dec_deg);

CREATE TABLE subband_files (
    group_id TEXT NOT NULL REFERENCES ingest_queue (group_id) ON UPDATE CASCADE,
    subband_idx BIGINT NOT NULL CHECK (subband_idx >= 0),
    path TEXT NOT NULL UNIQUE REFERENCES hdf5_files (path),
    PRIMARY KEY (group_id, subband_idx)
);

CREATE TABLE performance_metrics (
    group_id TEXT PRIMARY KEY,
    load_time DOUBLE PRECISION,
    phase_time DOUBLE PRECISION,
    write_time DOUBLE PRECISION,
    total_time DOUBLE PRECISION,
    writer_type TEXT,
    recorded_at DOUBLE PRECISION NOT NULL
);
)sql";

}  // namespace nocturne::db
