// Migration 5: solutions and what they were applied to. caltables and calibration_applied as in dsa110-contimg, with our own columns after
// theirs; where products say what they were corrected by.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_registry = R"sql(
CREATE TABLE caltables (
    id INTEGER PRIMARY KEY,
    set_name TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    table_type TEXT NOT NULL CHECK (table_type IN ('K', 'BA', 'BP', 'GA', 'GP', '2G', 'FLUX')),
    order_index BIGINT NOT NULL,
    cal_field TEXT,
    refant TEXT,
    created_at DOUBLE PRECISION NOT NULL,
    valid_start_mjd DOUBLE PRECISION,
    valid_end_mjd DOUBLE PRECISION,
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'retired', 'failed')),
    notes TEXT,
    source_ms_path TEXT,
    solver_command TEXT,
    solver_version TEXT,
    solver_params TEXT,
    quality_metrics TEXT,
    file_path TEXT NOT NULL,
    xxh128 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    group_id TEXT,
    mid_mjd DOUBLE PRECISION NOT NULL,
    dec_deg DOUBLE PRECISION,
    telescope TEXT,
    antennas TEXT NOT NULL DEFAULT '[]',
    frequencies TEXT NOT NULL DEFAULT '{}',
    correlations TEXT NOT NULL DEFAULT '[]',
    preprocessing TEXT,
    qa TEXT NOT NULL CHECK (qa IN ('pass', 'warn', 'fail')),
    forced BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX idx_caltables_set ON caltables (set_name);
CREATE INDEX idx_caltables_mid ON caltables (status, mid_mjd);
CREATE INDEX idx_caltables_validity ON caltables (valid_start_mjd, valid_end_mjd);

CREATE TABLE calibration_applied (
    id INTEGER PRIMARY KEY,
    ms_path TEXT NOT NULL,
    caltable_path TEXT NOT NULL,
    applied_at DOUBLE PRECISION NOT NULL,
    quality DOUBLE PRECISION,
    success BIGINT NOT NULL DEFAULT 1,
    error_message TEXT,
    run_id TEXT,
    group_id TEXT,
    provenance TEXT NOT NULL
        CHECK (provenance IN ('SAME_DATE_VALID', 'PRIMARY_TRANSIT_GENERATED', 'BRIGHT_FALLBACK_GENERATED',
                              'BORROWED_VALIDATED', 'NO_VIABLE_TABLE')),
    forced BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX idx_calibration_applied_ms ON calibration_applied (ms_path);
CREATE INDEX idx_calibration_applied_table ON calibration_applied (caltable_path);

ALTER TABLE group_runs ADD COLUMN calibration TEXT;
ALTER TABLE data_products ADD COLUMN cal_provenance TEXT;
)sql";

}  // namespace nocturne::db
