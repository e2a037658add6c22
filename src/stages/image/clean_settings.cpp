// Parameters of CLEAN, declared once. Names and defaults: CASA's and WSClean's, as DSA-110's configurations have them.
#include "stages/image/settings.hpp"

#include "nocturne/text.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <utility>

namespace nocturne {
namespace {

/// "auto", "0", "0.005", "0.005Jy", "5mJy", "5000 uJy".
double threshold_jy(std::string const& text)
{
    if (text == "auto") return 0;
    char* end = nullptr;
    double const number = std::strtod(text.c_str(), &end);
    std::string unit(end);
    unit.erase(0, unit.find_first_not_of(' '));
    for (auto const& [name, factor] : {std::pair{"", 1.0}, {"Jy", 1.0}, {"mJy", 1e-3}, {"uJy", 1e-6}})
        if (end != text.c_str() && unit == name && std::isfinite(number) && number >= 0) return number * factor;
    throw Error(Code::bad_config, "threshold = " + text, "neither auto nor a flux density",
                "write for example 5mJy, 0.005 or auto");
}

CatalogueMask catalogue_mask_settings(Params const& params)
{
    CatalogueMask mask;
    mask.catalogues = split(params.text("mask-catalogs"));
    mask.least_jy = params.number("mask-least") * 1e-3;
    mask.radius_rad = params.number("mask-radius") * arcsec_rad;
    bool const wanted = params.text("mask") == "catalog";
    if (wanted && mask.catalogues.empty())
        throw Error(Code::bad_config, "mask = catalog", "no catalogue is named",
                    "name one or several with mask-catalogs; nocturne catalog build makes them");
    if (!wanted && !mask.catalogues.empty())
        throw Error(Code::bad_config, "mask-catalogs = " + params.text("mask-catalogs"),
                    "mask is " + params.text("mask") + ", so nothing would use them", "say mask: catalog, too");
    return mask;
}

/// A file that is named is the beam; without one, airy, gaussian or none.
ModelBeam model_beam(Params const& params)
{
    auto const& name = params.text("model-beam");
    bool const named = !params.text("beam-file").empty();
    if (named && name != "airy" && name != "file")
        throw Error(Code::bad_config, "beam-file = " + params.text("beam-file"),
                    "model-beam is " + name + ", so nothing would use it", "leave model-beam or beam-file out");
    if (name == "file" && !named)
        throw Error(Code::bad_config, "model-beam = file", "no file is named", "name a FITS image with beam-file");
    if (named) return ModelBeam::file;
    return name == "none" ? ModelBeam::none : name == "gaussian" ? ModelBeam::gaussian : ModelBeam::airy;
}

/// What is said of CLEAN and nothing uses without it.
std::string unused_without_clean(Params const& params)
{
    if (params.integer("niter") > 0) return "";
    std::string idle;
    auto const add = [&](bool said, std::string const& what) {
        if (said) idle += (idle.empty() ? "" : ", ") + what;
    };
    add(params.flag("multiscale"), "multiscale");
    add(params.text("deconvolver") != "hogbom", "deconvolver = " + params.text("deconvolver"));
    add(params.integer("nterms") > 1, "nterms = " + std::to_string(params.integer("nterms")));
    add(params.text("mask") == "catalog", "mask = catalog");
    return idle;
}

}  // namespace

CleanSettings clean_settings(Params const& params)
{
    CleanSettings clean;
    clean.iterations = params.integer("niter");
    clean.unused = unused_without_clean(params);
    clean.deconvolver = params.text("deconvolver") == "clark" ? Deconvolver::clark : Deconvolver::hogbom;
    clean.gain = params.number("gain");
    clean.mgain = params.number("mgain");
    clean.threshold_jy = threshold_jy(params.text("threshold"));
    clean.auto_mask = params.number("auto-mask");
    clean.auto_threshold = params.number("auto-threshold");
    clean.mask = catalogue_mask_settings(params);
    clean.scales = scale_settings(params);
    clean.terms = static_cast<int>(params.integer("nterms"));
    clean.beam = model_beam(params);
    clean.pb_limit = params.number("pblimit");
    return clean;
}

namespace {

/// How deep CLEAN goes.
std::vector<ParamSpec> depth_params(CleanSettings const& fallback)
{
    return {
        {"threshold",
         "Jy",
         std::string("auto"),
         "Nothing below is cleaned: a number with Jy, mJy or uJy (alone: Jy), or auto: auto-mask and auto-threshold "
         "decide",
         {},
         -std::numeric_limits<double>::infinity(),
         std::numeric_limits<double>::infinity(),
         "IMG_THRESHOLD"},
        {"auto-mask",
         "sigma",
         fallback.auto_mask,
         "CLEAN goes everywhere down to so many times the noise of the residual; 0: no mask",
         {},
         0,
         1e6},
        {"auto-threshold",
         "sigma",
         fallback.auto_threshold,
         "then down to so many times the noise, where components are",
         {},
         0,
         1e6},
    };
}

}  // namespace

namespace {

/// Where CLEAN may go.
std::vector<ParamSpec> mask_params(CatalogueMask const& fallback)
{
    return {
        {"mask",
         "",
         std::string("auto"),
         "Where components may lie: anywhere, as auto-mask and auto-threshold decide, or in circles around the sources "
         "of "
         "mask-catalogs alone, there by the same two",
         {"auto", "catalog"}},
        {"mask-catalogs", "", std::string(),
         "Catalogues for the circles (made by catalog build, or CSV), with commas between, the weightiest first: where "
         "two "
         "have a source within 20 arcsec of each other, the first one's flux counts"},
        {"mask-radius", "arcsec", fallback.radius_rad / arcsec_rad, "Radius of the circles", {}, 1, 3600},
        {"mask-least", "mJy", fallback.least_jy * 1e3, "Sources fainter at 1.4 GHz get no circle", {}, 0, 1e6},
    };
}

}  // namespace

std::vector<ParamSpec> clean_params()
{
    CleanSettings const fallback;
    std::vector<ParamSpec> params{
        {"niter",
         "",
         std::int64_t(fallback.iterations),
         "Iterations of CLEAN at most; 0: dirty image and PSF alone",
         {},
         0,
         100000000,
         "IMG_NITER"},
        {"deconvolver",
         "",
         std::string("hogbom"),
         "Minor cycles of CLEAN: with the whole PSF, or with a patch of it and more major cycles; multiscale: hogbom "
         "with multiscale",
         {"hogbom", "clark", "multiscale"}},
        {"gain", "", fallback.gain, "Share of a peak that one iteration takes away", {}, 1e-4, 1},
        {"mgain", "", fallback.mgain, "Share of the largest peak that one major cycle takes away", {}, 0.01, 1},
    };
    auto const depth = depth_params(fallback);
    params.insert(params.end(), depth.begin(), depth.end());
    for (auto const& more : {mask_params(fallback.mask), scale_params()})
        params.insert(params.end(), more.begin(), more.end());
    params.insert(
        params.end(),
        {
            {"model-beam",
             "",
             std::string("airy"),
             "Primary beam through which major cycles see the model, and by which images are corrected: the Airy "
             "pattern of the dish, a Gaussian as wide at half power, a file's (beam-file), or none in the model and "
             "the Airy pattern in the correction",
             {"airy", "gaussian", "file", "none"}},
            {"beam-file", "", std::string(),
             "FITS image of the power beam around the pointing, north up, 1 on the axis, at the frequency of its FREQ "
             "axis (its size goes as 1 / frequency): the primary beam"},
            {"pblimit",
             "",
             fallback.pb_limit,
             "Images corrected for the primary beam are blank where it is below",
             {},
             1e-3,
             1},
        });
    return params;
}

}  // namespace nocturne
