// Options that simulate and predict share: the sources, how they are seen, and the sky's truth as JSON.
#pragma once

#include "cli/verb.hpp"
#include "sky/light_curve.hpp"
#include "sky/predictor.hpp"

namespace nocturne::cli {

struct SkyArguments {
    std::string sources_csv, light_curves_csv;
    std::string beam = "airy", smearing = "sky", aberration = "common", earth_table;

    SkyOptions options() const;
    EarthOrientation earth() const { return EarthOrientation::load(earth_table); }
};

void add_sky_options(App& app, SkyArguments& arguments);

/// How the sources of a group vary.
struct Variation {
    std::map<std::string, LightCurve> curves;
    std::vector<std::vector<double>> factor;  ///< [source][integration]: mean over it; of a steady source none
};

/// By --light-curves, applied to `sky`; seconds count from the opening of the group. Throws Error(usage) where a curve is of no source.
Variation vary(SkyArguments const& arguments, std::vector<Source> const& sources, GroupHeader const& header,
               Predictor& sky);

/// [{name, ra_deg, dec_deg, flux_jy, spix, light_curve, apparent_flux_jy}]: light_curve are the factors, of a source that varies;
/// apparent is flux × beam × factor, mean over integrations and channels.
nlohmann::ordered_json sources_json(std::vector<Source> const& sources, Predictor const& sky, GroupHeader const& header,
                                    Variation const& variation);

/// {ra_deg, dec_deg}.
nlohmann::ordered_json direction_json(Direction direction);

}  // namespace nocturne::cli
