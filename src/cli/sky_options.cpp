#include "cli/sky_options.hpp"

#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"

#include <map>

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
        "minor_arcsec, pa_deg, too, and disks (shape)");
    app.add_option(
        "--light-curves", arguments.light_curves_csv,
        "Sources that vary: CSV with name, factor, and mjd (UTC) or seconds after the opening; straight lines "
        "between the points");
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

Variation vary(SkyArguments const& arguments, std::vector<Source> const& sources, GroupHeader const& header,
               Predictor& sky)
{
    Variation variation;
    if (arguments.light_curves_csv.empty()) return variation;
    auto const half = [&](std::size_t t) { return header.integration_s[t] / 2; };
    variation.curves = read_light_curves(arguments.light_curves_csv, header.time_mjd_s.front() - half(0));
    variation.factor.resize(sources.size());
    std::map<std::string, int> named;
    for (std::size_t s = 0; s < sources.size(); ++s) {
        auto const found = variation.curves.find(sources[s].name);
        ++named[sources[s].name];
        if (found == variation.curves.end()) continue;
        for (std::size_t t = 0; t < header.time_mjd_s.size(); ++t)
            variation.factor[s].push_back(
                found->second.mean(header.time_mjd_s[t] - half(t), header.time_mjd_s[t] + half(t)));
        sky.vary(static_cast<Index>(s), variation.factor[s]);
    }
    std::vector<std::string> names;
    for (auto const& [name, count] : named) names.push_back(name);
    for (auto const& [name, curve] : variation.curves)
        if (int const count = named[name]; count != 1)
            throw Error(Code::usage, "light curve of '" + name + "' in " + arguments.light_curves_csv,
                        count > 1 ? std::to_string(count) + " sources have this name" : "no source has this name",
                        count > 1 ? "give each a name of its own, in a list of sources"
                                  : "correct it" + did_you_mean(name, names));
    return variation;
}

nlohmann::ordered_json sources_json(std::vector<Source> const& sources, Predictor const& sky, GroupHeader const& header,
                                    Variation const& variation)
{
    auto list = nlohmann::ordered_json::array();
    Index const nt = std::ssize(header.time_mjd_s), nc = std::ssize(header.freq_hz);
    for (Index s = 0; s < std::ssize(sources); ++s) {
        double apparent = 0;
        auto const factor = variation.factor.empty() ? std::vector<double>() : variation.factor[s];
        for (Index t = 0; t < nt; ++t)
            for (Index c = 0; c < nc; ++c)
                apparent +=
                    sources[s].flux_at(header.freq_hz[c]) * sky.beam(t, s, c) * (factor.empty() ? 1 : factor[t]);
        nlohmann::ordered_json one{{"name", sources[s].name}};
        one.update(direction_json(sources[s].direction));
        one["flux_jy"] = sources[s].flux_jy;
        one["spix"] = sources[s].spix;
        if (sources[s].major_rad > 0) {
            one["shape"] = sources[s].disk ? "disk" : "gaussian";
            one["major_arcsec"] = sources[s].major_rad / arcsec_rad;
            one["minor_arcsec"] = sources[s].minor_rad / arcsec_rad;
            one["pa_deg"] = sources[s].pa_rad / degree_rad;
        }
        if (!factor.empty()) one["light_curve"] = factor;
        one["apparent_flux_jy"] = apparent / static_cast<double>(nt * nc);
        list.push_back(one);
    }
    return list;
}

}  // namespace nocturne::cli
