// Parameters of multiscale and multi-frequency CLEAN, declared once. Names: CASA's and WSClean's.
#include "stages/image/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <utility>

namespace nocturne {
namespace {

/// "15" (pixels), "30arcsec", "2arcmin".
ScaleSettings::Size size_of(std::string const& text)
{
    char* end = nullptr;
    double const number = std::strtod(text.c_str(), &end);
    std::string unit(end);
    unit.erase(0, unit.find_first_not_of(' '));
    bool const good = end != text.c_str() && std::isfinite(number) && number >= 0;
    if (good && (unit.empty() || unit == "px" || unit == "pix")) return {number, 0};
    for (auto const& [name, factor] : {std::pair{"arcsec", 1.0}, {"asec", 1.0}, {"arcmin", 60.0}, {"amin", 60.0}})
        if (good && unit == name) return {0, number * factor * arcsec_rad};
    throw Error(Code::bad_config, "scales: '" + text + "'", "neither pixels nor an angle",
                "write for example 0,5,15,45 or 0,30arcsec,2arcmin, or auto");
}

}  // namespace

std::vector<ParamSpec> scale_params()
{
    ScaleSettings const fallback;
    return {
        {"multiscale", "", false,
         "Multiscale CLEAN: components are points and Gaussians of several widths, for sources wider than the beam"},
        {"scales", "pixels", std::string("auto"),
         "Widths at half maximum of the scales with commas between: pixels, or with arcsec or arcmin; 0, a point, is "
         "always one. "
         "auto: the beam's width, twice that, and so on, up to an eighth of the image"},
        {"nterms",
         "",
         std::int64_t(1),
         "Terms of a Taylor series along the band: 1, every component is as bright at all frequencies, or 2, spectral "
         "indices, too",
         {},
         1,
         2},
        {"scale-bias",
         "",
         fallback.bias,
         "Factor by which a scale counts less than one of half its width when one is chosen; 1: the most significant "
         "one is taken",
         {},
         0.3,
         1},
    };
}

ScaleSettings scale_settings(Params const& params)
{
    ScaleSettings scales;
    scales.on = params.flag("multiscale") || params.text("deconvolver") == "multiscale";
    scales.bias = params.number("scale-bias");
    auto text = params.text("scales");
    if (text == "auto") return scales;
    text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '[' || c == ']' || c == ' '; }),
               text.end());  // as Python prints a list
    std::istringstream list(text);
    for (std::string word; std::getline(list, word, ',');) scales.sizes.push_back(size_of(word));
    if (!scales.on)
        throw Error(Code::bad_config, "scales = " + text, "CLEAN has points alone, so nothing would use them",
                    "say multiscale, too");
    return scales;
}

}  // namespace nocturne
