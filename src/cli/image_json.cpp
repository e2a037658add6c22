// Enters: a row of images. Leaves: its JSON object.
#include "cli/image_json.hpp"

#include <cmath>

namespace nocturne::cli {

using Json = nlohmann::ordered_json;

namespace {

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

Json to_json(db::ImageRow const& image)
{
    return {{"path", image.path},
            {"product", image.product},
            {"group_id", image.group_id},
            {"run_id", image.run_id},
            {"n_subbands", image.n_subbands},
            {"center_ra_deg", number(image.center_ra_deg)},
            {"center_dec_deg", number(image.center_dec_deg)},
            {"imsize", image.imsize},
            {"cellsize_arcsec", number(image.cellsize_arcsec)},
            {"noise_jy", number(image.noise_jy)},
            {"dynamic_range", number(image.dynamic_range)},
            {"beam_major_arcsec", number(image.beam_major_arcsec)},
            {"beam_minor_arcsec", number(image.beam_minor_arcsec)},
            {"beam_pa_deg", number(image.beam_pa_deg)},
            {"freq_ghz", number(image.freq_ghz)},
            {"bandwidth_mhz", number(image.bandwidth_mhz)},
            {"integration_sec", number(image.integration_s)},
            {"mid_mjd", number(image.mid_mjd)},
            {"stokes", image.stokes},
            {"weighting", image.weighting},
            {"robust", number(image.robust)},
            {"epsilon", number(image.epsilon)},
            {"pbcor", image.pbcor},
            {"n_vis_used", image.n_vis_used},
            {"n_vis_flagged", image.n_vis_flagged},
            {"n_vis_missing", image.n_vis_missing},
            {"tier", image.tier},
            {"retired", image.retired},
            {"datasum", image.datasum}};
}

}  // namespace nocturne::cli
