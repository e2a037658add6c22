// Enters: a row of images. Leaves: its JSON object.
#include "cli/image_json.hpp"

#include "cli/json_values.hpp"

#include <cmath>

namespace nocturne::cli {

using Json = nlohmann::ordered_json;

Json to_json(db::ImageRow const& image)
{
    return {{"path", image.path},
            {"product", image.product},
            {"group_id", image.group_id},
            {"run_id", image.run_id},
            {"n_subbands", image.n_subbands},
            {"center_ra_deg", number_or_null(image.center_ra_deg)},
            {"center_dec_deg", number_or_null(image.center_dec_deg)},
            {"imsize", image.imsize},
            {"cellsize_arcsec", number_or_null(image.cellsize_arcsec)},
            {"noise_jy", number_or_null(image.noise_jy)},
            {"dynamic_range", number_or_null(image.dynamic_range)},
            {"beam_major_arcsec", number_or_null(image.beam_major_arcsec)},
            {"beam_minor_arcsec", number_or_null(image.beam_minor_arcsec)},
            {"beam_pa_deg", number_or_null(image.beam_pa_deg)},
            {"freq_ghz", number_or_null(image.freq_ghz)},
            {"bandwidth_mhz", number_or_null(image.bandwidth_mhz)},
            {"integration_sec", number_or_null(image.integration_s)},
            {"mid_mjd", number_or_null(image.mid_mjd)},
            {"stokes", image.stokes},
            {"weighting", image.weighting},
            {"robust", number_or_null(image.robust)},
            {"epsilon", number_or_null(image.epsilon)},
            {"pbcor", image.pbcor},
            {"n_vis_used", image.n_vis_used},
            {"n_vis_flagged", image.n_vis_flagged},
            {"n_vis_missing", image.n_vis_missing},
            {"tier", image.tier},
            {"retired", image.retired},
            {"datasum", image.datasum}};
}

}  // namespace nocturne::cli
