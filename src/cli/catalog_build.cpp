// Verb `catalog build`: a catalogue of sources that can be asked for a piece of sky. Enters: CSV, FITS or VOTable files. Leaves: one SQLite
// file.
#include "cli/verb.hpp"
#include "driver/catalogue_build.hpp"
#include "driver/flux_scale.hpp"
#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/text.hpp"

#include <algorithm>
#include <cstdio>

#include <spdlog/spdlog.h>

namespace nocturne::cli {
namespace catalog_build_verb {

int build_verb(CatalogueRequest const& request, Globals const& globals)
{
    if (!(request.match_arcsec >= 0))
        throw Error(Code::usage, "--match-arcsec", "it is below 0", "give arcsec, 0 to keep all");
    if (request.freq_hz && !(*request.freq_hz > 0))
        throw Error(Code::usage, "--freq", "it is not above 0", "give GHz, for example 1.4");
    if (!(request.least_dec_deg < request.most_dec_deg))
        throw Error(Code::usage, "--dec-range", "it does not rise", "give two declinations, the southern one first");
    auto const made = build_catalogue(request);
    for (auto const& warning : made.warnings) spdlog::warn("{}", warning);
    if (globals.json)
        print_json({{"path", request.out},
                    {"sources", made.sources},
                    {"incomplete", made.incomplete},
                    {"faint", made.faint},
                    {"known", made.known},
                    {"outside", made.outside},
                    {"warnings", made.warnings},
                    {"columns", made.columns}});
    else if (!globals.quiet)
        std::printf(
            "%s: %zu sources; left out: %zu without position or flux, %zu faint, %zu beyond the declinations, "
            "%zu that an input before had\n%s\n",
            request.out.c_str(), made.sources, made.incomplete, made.faint, made.outside, made.known,
            join(made.columns, "; ").c_str());
    return 0;
}

std::string problem_of_surveys(std::string const& text)
{
    auto known = published_surveys();
    known.emplace_back("auto");
    if (("," + text + ",").find(",,") != std::string::npos) return "a survey is missing between commas";
    for (auto const& survey : split(text))
        if (std::find(known.begin(), known.end(), survey) == known.end())
            return "'" + survey + "' is none of " + join(known) + did_you_mean(survey, known);
    return "";
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto r = std::make_shared<CatalogueRequest>();
    auto freq_ghz = std::make_shared<std::optional<double>>();
    auto strip = std::make_shared<std::vector<double>>();
    auto surveys = std::make_shared<std::string>();
    app.add_option("inputs,--input", r->inputs, "CSV, FITS tables or VOTables; the weightiest first")->required();
    app.add_option("-o,--out", r->out, "The catalogue, an SQLite file")->required();
    app.add_option("--name", r->name, "Column of names (default: the first of the usual names)");
    app.add_option("--ra", r->ra,
                   "Column of right ascensions, ICRS, in the unit that the table says, else decimal degrees");
    app.add_option("--dec", r->dec, "Column of declinations");
    app.add_option("--flux", r->flux, "Column of flux densities");
    app.add_option("--flux-unit", r->flux_unit,
                   "Jy, mJy or uJy (default: what the table says, else its survey's, else Jy)");
    app.add_option("--survey", *surveys,
                   "Whose tables they are, of all inputs or, with commas between, of each: fluxes are in mJy where the "
                   "table says no unit, and of that survey's frequency (auto, the default: by the names of columns)")
        ->check(problem_of_surveys, join(published_surveys()));
    app.add_option("--spix", r->spix, "Column of spectral indices");
    app.add_option("--default-spix", r->default_spix,
                   "Spectral index where the table has none (default -0.7; 0 where fluxes are within 5 % of 1.4 GHz)");
    app.add_option("--freq", *freq_ghz,
                   "Frequency of the fluxes, GHz, of all inputs (default: that of each one's survey, else 1.4)");
    app.add_option("--dec-range", *strip, "Declinations to keep, degrees: the southern end and the northern")
        ->values(2);
    app.add_option(
        "--match-arcsec", r->match_arcsec,
        "A source this near one of an input before its own is the same, and left out (default 20; 0: none is)");
    app.add_option("--least", r->least_jy, "Leave out what is fainter at 1.4 GHz, Jy");
    return [r, freq_ghz, strip, surveys, &globals] {
        r->surveys = split(*surveys);
        if (*freq_ghz) r->freq_hz = **freq_ghz * 1e9;
        if (strip->size() == 2) r->least_dec_deg = strip->front(), r->most_dec_deg = strip->back();
        return build_verb(*r, globals);
    };
}

VerbRegistrar const here{{"catalog build", "Make an indexed catalogue of sources from tables", &declare}};

}  // namespace catalog_build_verb
}  // namespace nocturne::cli
