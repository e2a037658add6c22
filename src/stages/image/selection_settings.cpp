// Parameters of what is imaged, declared once: Stokes, channels, baselines, averaging, cubes.
#include "nocturne/short_number.hpp"
#include "stages/image/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace nocturne {

std::vector<ParamSpec> selection_params()
{
    return {
        {"stokes",
         "",
         std::string("I"),
         "What is imaged, in the frame of the receptors: Q is (XX − YY) / 2, U (XY + YX) / 2 of linear ones",
         {"I", "Q", "U", "V"}},
        {"channels", "", std::string(),
         "Channels that are imaged: numbers such as 0~95 or 5, or frequencies such as 1.31~1.37GHz; empty: all"},
        {"uvrange", "", std::string(),
         "The same as CASA writes it, in the place of minuv-l and maxuv-l: >1klambda, <20klambda, 500~20000lambda"},
        {"minuv-l", "lambda", 0.0, "Shorter baselines are left out, sample by sample", {}, 0},
        {"maxuv-l", "lambda", 0.0, "Longer baselines are left out; 0: none", {}, 0},
        {"taper",
         "arcsec",
         0.0,
         "Weights fall with the length of baselines as the transform of a Gaussian of this width at half maximum; 0: "
         "they do not",
         {},
         0,
         36000},
        {"averaging",
         "",
         0.0,
         "Averages each baseline's samples in time and frequency before imaging, as far as a source in the image's "
         "corner loses no more than this share of its flux; 0: not at all, since exact compression is faster",
         {},
         0,
         0.5},
        {"cube", "", std::string(),
         "A cube along the band, too, with its images one by one: subbands (a channel for each of the group's), or a "
         "number of channels; empty: none"},
    };
}

namespace {

[[noreturn]] void refuse_range(std::string const& text, char const* reason)
{
    throw Error(Code::bad_config, "uvrange = " + text, reason, "write for example >1klambda, or 500~20000lambda");
}

/// "1klambda", "1000lambda"; "1" takes the unit of its neighbour.
double read_lambda(std::string const& whole, std::string const& word, std::string* unit)
{
    char* end = nullptr;
    double const number = std::strtod(word.c_str(), &end);
    if (*end != 0) *unit = end;
    if (end == word.c_str() || !std::isfinite(number) || number < 0) refuse_range(whole, "it has no number");
    if (*unit != "lambda" && *unit != "klambda") refuse_range(whole, "its unit is neither lambda nor klambda");
    return number * (*unit == "klambda" ? 1000 : 1);
}

void read_uvrange(std::string text, Selection& select)
{
    std::string const whole = text;
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    std::string unit;
    auto const middle = text.find('~');
    if (middle != std::string::npos) {
        select.uv_max_lambda = read_lambda(whole, text.substr(middle + 1), &unit);
        select.uv_min_lambda = read_lambda(whole, text.substr(0, middle), &unit);
    } else if (text.starts_with('>')) {
        select.uv_min_lambda = read_lambda(whole, text.substr(1), &unit);
    } else if (text.starts_with('<')) {
        select.uv_max_lambda = read_lambda(whole, text.substr(1), &unit);
    } else {
        refuse_range(whole, "it begins with neither > nor <, and has no ~");
    }
    if (!text.starts_with('>') && !(select.uv_max_lambda > 0)) refuse_range(whole, "no baseline is shorter than that");
}

}  // namespace

Selection selection_settings(Params const& params)
{
    Selection select;
    select.stokes = params.text("stokes");
    select.channels = params.text("channels");
    select.uv_min_lambda = params.number("minuv-l");
    select.uv_max_lambda = params.number("maxuv-l");
    if (auto const& text = params.text("uvrange"); !text.empty()) {
        if (select.has_uv_range())
            throw Error(Code::bad_config, "uvrange = " + text, "minuv-l or maxuv-l is said, too", "say one of them");
        read_uvrange(text, select);
    }
    if (select.uv_max_lambda > 0 && select.uv_max_lambda <= select.uv_min_lambda)
        throw Error(Code::bad_config, "maxuv-l = " + short_number(select.uv_max_lambda),
                    "minuv-l is " + short_number(select.uv_min_lambda) + ", so no baseline is left",
                    "make maxuv-l larger, or leave it out");
    return select;
}

CubeSettings cube_settings(Params const& params)
{
    constexpr long most_parts = 1024;
    auto const& text = params.text("cube");
    CubeSettings cube;
    if (text.empty()) return cube;
    cube.by_subband = text == "subbands";
    if (cube.by_subband) return cube;
    char* end = nullptr;
    long const parts = std::strtol(text.c_str(), &end, 10);
    if (end == text.c_str() || *end != 0 || parts < 1 || parts > most_parts)
        throw Error(Code::bad_config, "cube = " + text, "neither subbands nor a number from 1 to 1024",
                    "write for example subbands, or 8");
    cube.parts = static_cast<int>(parts);
    return cube;
}

}  // namespace nocturne
