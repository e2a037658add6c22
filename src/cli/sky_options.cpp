#include "cli/sky_options.hpp"

namespace nocturne::cli {

SkyOptions SkyArguments::options() const
{
    return {beam == "airy" ? BeamModel::airy : BeamModel::none, smearing == "sky" ? Smearing::sky : Smearing::none,
            aberration == "common" ? Aberration::common : Aberration::each};
}

void add_sky_options(App& app, SkyArguments& arguments)
{
    app.add_option(
        "--sources", arguments.sources_csv,
        "Sources: CSV with name, ra_deg, dec_deg, flux_jy, spix (intrinsic at 1.4 GHz); Gaussians with major_arcsec, "
        "minor_arcsec, pa_deg, too");
    app.add_option("--beam", arguments.beam, "Primary beam at each integration: airy (of the dishes' diameter) or none")
        ->one_of({"airy", "none"});
    app.add_option("--smearing", arguments.smearing, "Averages over integration and channel: sky or none")
        ->one_of({"sky", "none"});
    app.add_option("--aberration", arguments.aberration,
                   "common: the field turns rigidly with its centre, as uvw and direction cosines have it; each: every "
                   "source at its own apparent place (offsets differ by up to 1e-4)")
        ->one_of({"common", "each"});
    app.add_option("--earth-table", arguments.earth_table,
                   "Earth-orientation table (else NOCTURNE_EARTH, else the one shipped)");
}

nlohmann::ordered_json direction_json(Direction direction)
{
    return {{"ra_deg", direction.ra.value() / degree_rad}, {"dec_deg", direction.dec.value() / degree_rad}};
}

nlohmann::ordered_json sources_json(std::vector<Source> const& sources, Predictor const& sky, GroupHeader const& header)
{
    auto list = nlohmann::ordered_json::array();
    Index const nt = std::ssize(header.time_mjd_s), nc = std::ssize(header.freq_hz);
    for (Index s = 0; s < std::ssize(sources); ++s) {
        double apparent = 0;
        for (Index t = 0; t < nt; ++t)
            for (Index c = 0; c < nc; ++c) apparent += sources[s].flux_at(header.freq_hz[c]) * sky.beam(t, s, c);
        nlohmann::ordered_json one{{"name", sources[s].name}};
        one.update(direction_json(sources[s].direction));
        one["flux_jy"] = sources[s].flux_jy;
        one["spix"] = sources[s].spix;
        if (sources[s].major_rad > 0) {
            one["major_arcsec"] = sources[s].major_rad / arcsec_rad;
            one["minor_arcsec"] = sources[s].minor_rad / arcsec_rad;
            one["pa_deg"] = sources[s].pa_rad / degree_rad;
        }
        one["apparent_flux_jy"] = apparent / static_cast<double>(nt * nc);
        list.push_back(one);
    }
    return list;
}

}  // namespace nocturne::cli
