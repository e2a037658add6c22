// Parameters of CLEAN, declared once. Names and defaults: CASA's and WSClean's, as DSA-110's configurations have them.
#include "stages/image/settings.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
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

}  // namespace

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
    clean.beam = params.text("model-beam") == "none" ? ModelBeam::none : ModelBeam::airy;
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
         "Minor cycles of CLEAN: with the whole PSF, or with a patch of it and more major cycles",
         {"hogbom", "clark"}},
        {"gain", "", fallback.gain, "Share of a peak that one iteration takes away", {}, 1e-4, 1},
        {"mgain", "", fallback.mgain, "Share of the largest peak that one major cycle takes away", {}, 0.01, 1},
    };
    auto const depth = depth_params(fallback);
    params.insert(params.end(), depth.begin(), depth.end());
    params.insert(
        params.end(),
        {
            {"model-beam",
             "",
             std::string("airy"),
             "Primary beam through which major cycles see the model: components brighten and fade as they drift "
             "through the antennas' beam and along the band, or not at all",
             {"airy", "none"}},
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
