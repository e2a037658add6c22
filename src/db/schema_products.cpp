// Migration 3: what came out. ms_index and images as in dsa110-contimg, with our own columns after theirs.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_products = R"sql(
CREATE TABLE ms_index (
    path TEXT PRIMARY KEY,
    start_mjd DOUBLE PRECISION,
    end_mjd DOUBLE PRECISION,
    mid_mjd DOUBLE PRECISION,
    processed_at DOUBLE PRECISION,
    status TEXT,
    stage TEXT,
    stage_updated_at DOUBLE PRECISION,
    cal_applied BIGINT DEFAULT 0,
    imagename TEXT,
    field_name TEXT,
    pointing_ra_deg DOUBLE PRECISION,
    pointing_dec_deg DOUBLE PRECISION,
    ra_deg DOUBLE PRECISION,
    dec_deg DOUBLE PRECISION,
    group_id TEXT,
    created_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX idx_ms_index_mid_mjd ON ms_index (mid_mjd);
CREATE INDEX idx_ms_index_status ON ms_index (status);
CREATE INDEX idx_ms_index_stage ON ms_index (stage);
CREATE INDEX idx_ms_index_group_id ON ms_index (group_id);

CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    ms_path TEXT NOT NULL REFERENCES ms_index (path) ON DELETE CASCADE,
    created_at DOUBLE PRECISION NOT NULL,
    type TEXT NOT NULL DEFAULT '5min',
    format TEXT NOT NULL DEFAULT 'fits',
    beam_major_arcsec DOUBLE PRECISION,
    beam_minor_arcsec DOUBLE PRECISION,
    beam_pa_deg DOUBLE PRECISION,
    noise_jy DOUBLE PRECISION,
    dynamic_range DOUBLE PRECISION,
    pbcor BIGINT NOT NULL DEFAULT 0,
    field_name TEXT,
    center_ra_deg DOUBLE PRECISION,
    center_dec_deg DOUBLE PRECISION,
    imsize_x BIGINT,
    imsize_y BIGINT,
    cellsize_arcsec DOUBLE PRECISION,
    freq_ghz DOUBLE PRECISION,
    bandwidth_mhz DOUBLE PRECISION,
    integration_sec DOUBLE PRECISION,
    product TEXT NOT NULL
        CHECK (product IN ('dirty', 'image', 'residual', 'model', 'psf', 'pb', 'pbcor', 'weight', 'noise')),
    group_id TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (run_id),
    mid_mjd DOUBLE PRECISION,
    n_subbands BIGINT,
    stokes TEXT,
    weighting TEXT,
    robust DOUBLE PRECISION,
    epsilon DOUBLE PRECISION,
    n_vis_used BIGINT,
    n_vis_flagged BIGINT,
    n_vis_missing BIGINT,
    tier TEXT NOT NULL DEFAULT 'standard',
    datasum TEXT
);
CREATE INDEX idx_images_ms_path ON images (ms_path);
CREATE INDEX idx_images_type ON images (type);
CREATE INDEX idx_images_created_at ON images (created_at);
CREATE INDEX idx_images_group ON images (group_id, product);
CREATE INDEX idx_images_mid_mjd ON images (mid_mjd);

CREATE TABLE data_products (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    run_id TEXT NOT NULL REFERENCES runs (run_id),
    group_id TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('SCIENCE', 'QA_METRIC', 'PLOT', 'STATISTIC', 'LOG')),
    product TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    xxh128 TEXT NOT NULL,
    datasum TEXT,
    quality_metrics TEXT,
    created_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX idx_data_products_run ON data_products (run_id, group_id);
CREATE INDEX idx_data_products_group ON data_products (group_id);

CREATE TABLE lineage (
    child TEXT NOT NULL,
    parent TEXT NOT NULL,
    PRIMARY KEY (child, parent)
);
CREATE INDEX idx_lineage_parent ON lineage (parent);
)sql";

}  // namespace nocturne::db
