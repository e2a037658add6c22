// Rows of the database as JSON, exact: from rank to rank, and into spools. Numbers that are not known (NaN) are null in a text; `read_rows` makes
// them NaN again.
#pragma once

#include "db/runs.hpp"

#include <nlohmann/json.hpp>

namespace nocturne::db {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ImageRow, path, product, type, center_ra_deg, center_dec_deg, imsize,
                                   cellsize_arcsec, noise_jy, dynamic_range, beam_major_arcsec, beam_minor_arcsec,
                                   beam_pa_deg, pbcor, field_name, freq_ghz, bandwidth_mhz, integration_s, mid_mjd,
                                   n_subbands, stokes, weighting, robust, epsilon, n_vis_used, n_vis_flagged,
                                   n_vis_missing, tier, datasum)

}  // namespace nocturne::db
