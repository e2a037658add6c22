// Migration 9: what stood out in single integrations.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_candidates = R"sql(
CREATE TABLE candidates (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (run_id),
    group_id TEXT NOT NULL,
    integration BIGINT NOT NULL,
    mid_mjd DOUBLE PRECISION NOT NULL,
    ra_deg DOUBLE PRECISION NOT NULL,
    dec_deg DOUBLE PRECISION NOT NULL,
    x_pix DOUBLE PRECISION NOT NULL,
    y_pix DOUBLE PRECISION NOT NULL,
    flux_jy DOUBLE PRECISION NOT NULL,
    noise_jy DOUBLE PRECISION NOT NULL,
    snr DOUBLE PRECISION NOT NULL,
    snapshot_path TEXT,
    created_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX idx_candidates_group ON candidates (group_id, run_id);
CREATE INDEX idx_candidates_mid_mjd ON candidates (mid_mjd);
)sql";

}  // namespace nocturne::db
