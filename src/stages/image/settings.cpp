// Parameters of the stage `image`, declared once.
#include "stages/image/settings.hpp"

#include "nocturne/short_number.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {

const char* name(Weighting weighting)
{
    switch (weighting) {
        case Weighting::natural:
            return "natural";
        case Weighting::uniform:
            return "uniform";
        case Weighting::briggs:
            return "briggs";
    }
    return "unknown";
}

/// Defaults: the continuum imaging of DSA-110's pipeline (2400 pixels of 6″, Briggs 0.5).
std::vector<ParamSpec> image_params()
{
    ImageSettings const fallback;
    std::vector<ParamSpec> params{
        {"tier",
         "",
         std::string("none"),
         "Values for the parameters below, in one word; what is said of one of them at the same place or a weightier "
         "one "
         "holds. quicklook: a picture and a report alone; development, standard, high_precision: docs/imaging.md",
         {"none", "quicklook", "development", "standard", "high_precision"}},
        {"imsize",
         "pixels",
         std::int64_t(fallback.n_pixels),
         "Width and height of the image (even)",
         {},
         16,
         16384,
         "IMG_IMSIZE"},
        {"cell",
         "arcsec",
         fallback.cell_rad / arcsec_rad,
         "Size of a pixel; auto, or 0: a tenth of the wavelength over the longest baseline",
         {"auto"},
         1e-3,
         3600},
        {"weighting",
         "",
         std::string(name(fallback.weighting)),
         "Weighting of visibilities by the density of the uv plane",
         {"natural", "uniform", "briggs"}},
        {"robust",
         "",
         fallback.robust,
         "Robustness of Briggs weighting: -2 (uniform) to 2 (natural)",
         {},
         -2,
         2,
         "IMG_ROBUST"},
        {"epsilon", "", fallback.epsilon, "Relative error allowed to the image, as its L2 norm", {}, 1e-6, 1e-1},
        {"compress",
         "",
         std::string("auto"),
         "Exact compression before gridding: where it is cheaper, always, or never",
         {"auto", "on", "off"}},
    };
    for (auto const& more : {selection_params(), clean_params(), snapshot_params()})
        params.insert(params.end(), more.begin(), more.end());
    return params;
}

namespace {

/// Which of `names` are said otherwise than by default, with commas between.
std::string said_of(Params const& params, std::vector<std::string> const& names)
{
    std::string all;
    for (auto const& spec : image_params())
        if (std::find(names.begin(), names.end(), spec.name) != names.end() &&
            params.values().at(spec.name) != spec.fallback)
            all += (all.empty() ? "" : ", ") + spec.name;
    return all;
}

/// What is said and nothing uses. A tier says more than it needs.
std::vector<std::string> idle_settings(Params const& params)
{
    std::vector<std::string> idle;
    auto const add = [&](bool used, std::vector<std::string> const& names, std::string const& without) {
        if (auto const said = used ? "" : said_of(params, names); !said.empty())
            idle.push_back("without " + without + " nothing uses " + said);
    };
    bool const cleans = params.integer("niter") > 0, tier = params.text("tier") != "none";
    add(cleans || tier, {"gain", "mgain", "threshold", "auto-mask", "auto-threshold"}, "niter");
    add(!cleans || params.flag("multiscale") || params.text("deconvolver") == "multiscale", {"scale-bias"},
        "multiscale");
    add(params.flag("per-integration"), {"detect", "snapshot-subtract", "snapshot-size", "snapshot-cell"},
        "per-integration");
    add(params.text("mask") == "catalog", {"mask-radius", "mask-least"}, "mask = catalog");
    return idle;
}

}  // namespace

ImageSettings image_settings(Params const& params)
{
    ImageSettings settings;
    settings.n_pixels = params.integer("imsize");
    settings.cell_by_array = params.number("cell") == 0;
    if (!settings.cell_by_array) settings.cell_rad = params.number("cell") * arcsec_rad;
    for (auto weighting : {Weighting::natural, Weighting::uniform, Weighting::briggs})
        if (params.text("weighting") == name(weighting)) settings.weighting = weighting;
    settings.robust = params.number("robust");
    settings.epsilon = params.number("epsilon");
    auto const& compress = params.text("compress");
    settings.compression = compress == "on"    ? Compression::on
                           : compress == "off" ? Compression::off
                                               : Compression::automatic;
    settings.taper_rad = params.number("taper") * arcsec_rad;
    settings.averaging_loss = params.number("averaging");
    settings.select = selection_settings(params);
    settings.cube = cube_settings(params);
    settings.clean = clean_settings(params);
    settings.snapshots = snapshot_settings(params);
    settings.idle = idle_settings(params);
    if (settings.cube.on() && params.text("tier") == "quicklook")
        throw Error(Code::bad_config, "cube = " + params.text("cube"), "tier quicklook leaves a picture and no images",
                    "take another tier, or leave cube out");
    if (settings.n_pixels % 2 != 0)
        throw Error(Code::bad_config, "imsize = " + std::to_string(settings.n_pixels), "the size must be even",
                    "take one pixel more or less");
    if (!settings.cell_by_array) check_pixels(settings);
    return settings;
}

void check_pixels(ImageSettings const& settings)
{
    for (auto const& size : settings.clean.scales.sizes)
        if (double const px = size.pixels + size.rad / settings.cell_rad;
            px > 0 && (px < least_scale_px || 6 * px > static_cast<double>(settings.n_pixels)))
            throw Error(Code::bad_config, "a scale of " + short_number(px) + " pixels",
                        "scales are 0, or from 2.5 pixels to a sixth of the image", "correct scales");
    double const edge = 0.5 * static_cast<double>(settings.n_pixels) * settings.cell_rad;
    if (2 * edge * edge >= 1)
        throw Error(Code::bad_config, "imsize and cell span " + std::to_string(2 * edge / degree_rad) + " degrees",
                    "the corners would lie beyond the horizon", "make imsize or cell smaller");
}

}  // namespace nocturne
