// Options that simulate and predict share: the sources, how they are seen, and the sky's truth as JSON.
#pragma once

#include "cli/verb.hpp"
#include "sky/predictor.hpp"

namespace nocturne::cli {

struct SkyArguments {
    std::string sources_csv;
    std::string beam = "airy", smearing = "sky", aberration = "common", earth_table;

    SkyOptions options() const;
    EarthOrientation earth() const { return EarthOrientation::load(earth_table); }
};

void add_sky_options(App& app, SkyArguments& arguments);

/// [{name, ra_deg, dec_deg, flux_jy, spix, apparent_flux_jy}]: apparent is flux × beam, mean over integrations and channels.
nlohmann::ordered_json sources_json(std::vector<Source> const& sources, Predictor const& sky,
                                    GroupHeader const& header);

/// {ra_deg, dec_deg}.
nlohmann::ordered_json direction_json(Direction direction);

}  // namespace nocturne::cli
