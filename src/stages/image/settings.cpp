// Parameters of the stage `image`, declared once.
#include "stages/image/settings.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

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
    return {
        {"imsize", "pixels", std::int64_t(fallback.n_pixels), "Width and height of the image (even)", {}, 16, 16384},
        {"cell", "arcsec", fallback.cell_rad / arcsec_rad, "Size of a pixel", {}, 1e-3, 3600},
        {"weighting",
         "",
         std::string(name(fallback.weighting)),
         "Weighting of visibilities by the density of the uv plane",
         {"natural", "uniform", "briggs"}},
        {"robust", "", fallback.robust, "Robustness of Briggs weighting: -2 (uniform) to 2 (natural)", {}, -2, 2},
        {"epsilon", "", fallback.epsilon, "Relative error allowed to the image, as its L2 norm", {}, 1e-6, 1e-1},
        {"niter",
         "",
         std::int64_t(fallback.clean.iterations),
         "Iterations of CLEAN at most; 0: dirty image and PSF alone",
         {},
         0,
         100000000},
        {"deconvolver",
         "",
         std::string("hogbom"),
         "Minor cycles of CLEAN: with the whole PSF, or with a patch of it and more major cycles",
         {"hogbom", "clark"}},
        {"gain", "", fallback.clean.gain, "Share of a peak that one iteration takes away", {}, 1e-4, 1},
        {"mgain", "", fallback.clean.mgain, "Share of the largest peak that one major cycle takes away", {}, 0.01, 1},
        {"threshold", "Jy", std::string("auto"),
         "Nothing below is cleaned: a number with Jy, mJy or uJy (alone: Jy), or auto: auto-mask and auto-threshold "
         "decide"},
        {"auto-mask",
         "sigma",
         fallback.clean.auto_mask,
         "CLEAN goes everywhere down to so many times the noise of the residual; 0: no mask",
         {},
         0,
         1e6},
        {"auto-threshold",
         "sigma",
         fallback.clean.auto_threshold,
         "then down to so many times the noise, where components are",
         {},
         0,
         1e6},
        {"pblimit",
         "",
         fallback.clean.pb_limit,
         "Images corrected for the primary beam are blank where it is below",
         {},
         1e-3,
         1},
        {"compress",
         "",
         std::string("auto"),
         "Exact compression before gridding: where it is cheaper, always, or never",
         {"auto", "on", "off"}},
    };
}

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

CleanSettings clean_settings(Params const& params)
{
    CleanSettings clean;
    clean.iterations = params.integer("niter");
    clean.deconvolver = params.text("deconvolver") == "clark" ? Deconvolver::clark : Deconvolver::hogbom;
    clean.gain = params.number("gain");
    clean.mgain = params.number("mgain");
    clean.threshold_jy = threshold_jy(params.text("threshold"));
    clean.auto_mask = params.number("auto-mask");
    clean.auto_threshold = params.number("auto-threshold");
    clean.pb_limit = params.number("pblimit");
    return clean;
}

}  // namespace

ImageSettings image_settings(Params const& params)
{
    ImageSettings settings;
    settings.n_pixels = params.integer("imsize");
    settings.cell_rad = params.number("cell") * arcsec_rad;
    for (auto weighting : {Weighting::natural, Weighting::uniform, Weighting::briggs})
        if (params.text("weighting") == name(weighting)) settings.weighting = weighting;
    settings.robust = params.number("robust");
    settings.epsilon = params.number("epsilon");
    auto const& compress = params.text("compress");
    settings.compression = compress == "on"    ? Compression::on
                           : compress == "off" ? Compression::off
                                               : Compression::automatic;
    settings.clean = clean_settings(params);
    if (settings.n_pixels % 2 != 0)
        throw Error(Code::bad_config, "imsize = " + std::to_string(settings.n_pixels), "the size must be even",
                    "take one pixel more or less");
    double const edge = 0.5 * static_cast<double>(settings.n_pixels) * settings.cell_rad;
    if (2 * edge * edge >= 1)
        throw Error(Code::bad_config, "imsize and cell span " + std::to_string(2 * edge / degree_rad) + " degrees",
                    "the corners would lie beyond the horizon", "make imsize or cell smaller");
    return settings;
}

}  // namespace nocturne
