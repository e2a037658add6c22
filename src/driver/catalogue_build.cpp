#include "driver/catalogue_build.hpp"

#include "io/source_table.hpp"
#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/text.hpp"
#include "sky/catalogue.hpp"
#include "sky/frames.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <optional>

namespace nocturne {
namespace {

/// Names by which catalogues of VizieR, HEASARC, NVSS, FIRST, RACS, VLASS and TGSS call what is wanted, in lower case.
struct Usual {
    char const* what;
    std::vector<std::string> names;
};
Usual const usual_name{"name",
                       {"name", "source_name", "source", "nvss", "first", "racs_dr1_name", "component_name", "id"}};
Usual const usual_ra{"right ascension",
                     {"ra_deg", "ra", "raj2000", "_raj2000", "ra_icrs", "ra_j2000", "alpha_j2000", "_ra"}};
Usual const usual_dec{
    "declination",
    {"dec_deg", "dec", "de", "dej2000", "_dej2000", "de_icrs", "decj2000", "dec_j2000", "delta_j2000", "_de"}};
Usual const usual_flux{"flux",
                       {"flux_jy", "flux", "s1.4", "s1400", "flux_20_cm", "total_flux", "total_flux_source", "fint",
                        "int_flux", "stotal", "flux_mjy"}};
/// A survey, and the frequency that its flux densities are published at: Condon+ 1998, Becker+ 1995, Mauch+ 2003, Intema+ 2017, Shimwell+ 2019 and
/// 2022, Hale+ 2021, Duchesne+ 2024 and 2025, Gordon+ 2021.
struct PublishedSurvey {
    char const *key, *name;
    double mhz;
};
namespace surveyed {
constexpr PublishedSurvey nvss{"nvss", "NVSS", 1400}, first{"first", "FIRST", 1400}, sumss{"sumss", "SUMSS", 843},
    tgss{"tgss", "TGSS", 147.5}, lotss{"lotss", "LoTSS", 144}, racs_low{"racs-low", "RACS-low", 887.5},
    racs_mid{"racs-mid", "RACS-mid", 1367.5}, racs_high{"racs-high", "RACS-high", 1655.5},
    vlass{"vlass", "VLASS", 3000}, heasarc{"", "NVSS and FIRST of HEASARC", 1400},
    tgss_or_lotss{"", "TGSS or LoTSS", 145.75};
}  // namespace surveyed
constexpr PublishedSurvey const* surveys[] = {&surveyed::nvss,     &surveyed::first,     &surveyed::sumss,
                                              &surveyed::tgss,     &surveyed::lotss,     &surveyed::racs_low,
                                              &surveyed::racs_mid, &surveyed::racs_high, &surveyed::vlass};

/// Flux densities (total, peak) whose unit is mJy where a table says none: the surveys publish them so (VizieR VIII/65, VIII/92,
/// J/A+A/598/A78; HEASARC; CASDA; CIRADA). PyBDSF's own Total_flux is in Jy, in tables without names.
struct Published {
    PublishedSurvey const& survey;
    char const *flux, *beside = nullptr, *also = nullptr;  ///< where such columns are there, too
};
Published const in_mjy[] = {{surveyed::nvss, "s1.4"},
                            {surveyed::heasarc, "flux_20_cm"},
                            {surveyed::first, "fint"},
                            {surveyed::first, "fpeak"},
                            {surveyed::racs_low, "total_flux_source"},
                            {surveyed::tgss, "stotal"},
                            {surveyed::tgss, "speak"},
                            {surveyed::vlass, "total_flux", "component_name"},
                            {surveyed::lotss, "total_flux", "source_name", "mosaic_id"},
                            {surveyed::tgss, "total_flux", "source_name", "mosaic_name"},
                            {surveyed::tgss_or_lotss, "total_flux", "source_name"}};
/// Of sources at 1.4 GHz, where nobody says theirs.
constexpr double usual_index = -0.7;
Usual const usual_spix{"spectral index", {"spix", "spindx", "spindex", "alpha", "sp_index", "si", "spectral_index"}};

enum class Need { must, may };

/// "S1400 (mJy)" and "RA [deg]": the name, and the unit where the table says none elsewhere.
struct Heading {
    std::string name, unit;

    explicit Heading(SourceColumn const& column) : name(lower(column.name)), unit(lower(column.unit))
    {
        auto const open = name.find_first_of("([");
        if (open == std::string::npos || open == 0 || (name.back() != ')' && name.back() != ']')) return;
        if (unit.empty()) unit = name.substr(open + 1, name.size() - open - 2);
        name.resize(open);
        while (!name.empty() && (name.back() == ' ' || name.back() == '_')) name.pop_back();
    }
};

/// Its first value, if any, is one number; not "12 30 00".
bool is_decimal(SourceColumn const& column)
{
    for (auto const& text : column.values) {
        if (text.empty()) continue;
        char const *begin = text.data() + (text[0] == '+'), *end = text.data() + text.size();
        double value = 0;
        auto const read = std::from_chars(begin, end, value);
        return read.ec == std::errc() && read.ptr == end;
    }
    return true;
}

/// Of usual names one of numbers before others: VizieR gives RAJ2000 as hours and minutes, and _RAJ2000 in degrees.
SourceColumn const* find_column(SourceTable const& table, std::string const& asked, Usual const& usual, Need need)
{
    std::vector<std::string> const wanted = asked.empty() ? usual.names : std::vector<std::string>{lower(asked)};
    SourceColumn const* first = nullptr;
    for (auto const& name : wanted)
        for (auto const& column : table.columns) {
            if (lower(column.name) != name && Heading(column).name != name) continue;
            if (&usual == &usual_name || !asked.empty() || is_decimal(column)) return &column;
            if (!first) first = &column;
        }
    if (first) return first;
    if (need == Need::may && asked.empty()) return nullptr;
    std::vector<std::string> names;
    for (auto const& column : table.columns) names.push_back(column.name);
    throw Error(Code::bad_input, asked.empty() ? std::string("no column for the ") + usual.what : "no column " + asked,
                "the columns are " + join(names),
                "name the column" + did_you_mean(asked.empty() ? usual.names[0] : asked, names));
}

/// nullopt where the cell is empty or NaN.
std::optional<double> number_at(SourceColumn const& column, std::size_t row)
{
    auto const& text = column.values[row];
    char const *begin = text.data(), *end = begin + text.size();
    if (begin != end && *begin == '+') ++begin;
    if (begin == end) return std::nullopt;
    double value = 0;
    auto const read = std::from_chars(begin, end, value);
    if (read.ec != std::errc() || read.ptr != end)
        throw Error(Code::bad_input, "column " + column.name + ", row " + std::to_string(row + 1),
                    "'" + text.substr(0, 40) + "' is not a number", "name a column in decimal degrees or flux units");
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// What publishes such a column in mJy, nullptr where nothing is known to.
PublishedSurvey const* survey_of(CatalogueRequest const& request, SourceTable const& table, Heading const& flux)
{
    for (auto const* one : surveys)
        if (request.survey == one->key) return one;
    auto const unit = request.flux_unit.empty() ? flux.unit : lower(request.flux_unit);
    if (!unit.empty() && !unit.starts_with("mjy")) return nullptr;
    auto const has = [&](char const* name) {
        return !name || std::any_of(table.columns.begin(), table.columns.end(),
                                    [&](auto const& column) { return Heading(column).name == name; });
    };
    for (auto const& one : in_mjy)
        if (flux.name == one.flux && has(one.beside) && has(one.also)) return &one.survey;
    return nullptr;
}

double janskys(CatalogueRequest const& request, SourceColumn const& flux, PublishedSurvey const* survey)
{
    Heading const heading(flux);
    auto const unit = request.flux_unit.empty() ? heading.unit : lower(request.flux_unit);
    if (unit.starts_with("mjy")) return 1e-3;
    if (unit.starts_with("ujy") || unit.starts_with("microjy")) return 1e-6;
    if (unit.starts_with("jy")) return 1;
    if (unit.empty() && survey) return 1e-3;
    if (unit.empty()) return heading.name.ends_with("mjy") ? 1e-3 : heading.name.ends_with("ujy") ? 1e-6 : 1;
    throw Error(Code::bad_input, "column " + flux.name + " is in " + unit, "that is no unit of flux density known here",
                "give its unit: Jy, mJy or uJy");
}

/// Once, whichever input it is of.
void note_once(std::string const& text, std::vector<std::string>& notes)
{
    if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(text);
}

/// How values of a flux column become Jy at the catalogue's frequency.
struct FluxScale {
    double janskys = 1, freq_hz = source_reference_hz, default_spix = 0;
    std::string text = {};  ///< "mJy at 147.5 MHz, as TGSS publishes it"
};

std::string short_text(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

FluxScale scale_of(CatalogueRequest const& request, SourceTable const& table, SourceColumn const& flux,
                   CatalogueMade& made)
{
    Heading const heading(flux);
    auto const* const survey = survey_of(request, table, heading);
    FluxScale scale;
    scale.janskys = janskys(request, flux, survey);
    scale.freq_hz = request.freq_hz.value_or(survey ? 1e6 * survey->mhz : source_reference_hz);
    bool const near = std::abs(scale.freq_hz / source_reference_hz - 1) < 0.05;
    scale.default_spix = request.default_spix.value_or(near ? 0 : usual_index);
    scale.text = scale.janskys == 1 ? "Jy" : scale.janskys == 1e-3 ? "mJy" : "uJy";
    scale.text += " at " + short_text(scale.freq_hz / 1e6) + " MHz";
    bool const bare = heading.unit.empty() && request.flux_unit.empty();
    if (survey && bare)
        scale.text +=
            std::string(", as ") + survey->name + " publishes it (the table says no unit; --flux-unit, --freq)";
    else if (survey && !request.freq_hz)
        scale.text += std::string(", as ") + survey->name + " has it (--freq)";
    if (survey == &surveyed::tgss_or_lotss && !request.freq_hz)
        note_once(
            "TGSS is of 147.5 MHz, LoTSS of 144, and no column tells which this is: 145.75 MHz is taken; say --survey "
            "or --freq",
            made.warnings);
    return scale;
}

/// Degrees of one unit of a column of positions (names of VOUnits 1.0 and FITS, as tables have them).
double degrees_of(SourceColumn const& column)
{
    Heading const heading(column);
    auto const& unit = heading.unit;
    if (unit.empty() || unit.starts_with("deg") || unit == "d" || unit == "°") return 1;
    if (unit.starts_with("rad")) return 1 / degree_rad;
    if (unit == "h" || unit.starts_with("hour") || unit == "hr") return 15;
    if (unit.starts_with("arcmin")) return 1.0 / 60;
    if (unit.starts_with("arcsec")) return 1.0 / 3600;
    if (unit == "mas") return 1.0 / 3.6e6;
    throw Error(Code::bad_input, "column " + column.name + " is in " + unit, "that is no unit of angle known here",
                "name a column in degrees, hours, radians, arcmin or arcsec");
}

/// "right ascension: RAJ2000 in deg": what was taken for what.
void note_column(char const* what, SourceColumn const* column, std::string const& unit, CatalogueMade& made)
{
    note_once(std::string(what) + ": " + (column ? column->name + (unit.empty() ? "" : " in " + unit) : "none"),
              made.columns);
}

std::string unit_of_degrees(double scale)
{
    return scale == 1     ? "deg"
           : scale == 15  ? "h"
           : scale > 1    ? "rad"
           : scale > 0.01 ? "arcmin"
           : scale > 1e-5 ? "arcsec"
                          : "mas";
}

struct SourceColumns {
    SourceColumn const *name, *ra, *dec, *flux, *spix;
};

SourceColumns columns_of(CatalogueRequest const& request, SourceTable const& table)
{
    return {find_column(table, request.name, usual_name, Need::may),
            find_column(table, request.ra, usual_ra, Need::must),
            find_column(table, request.dec, usual_dec, Need::must),
            find_column(table, request.flux, usual_flux, Need::must),
            find_column(table, request.spix, usual_spix, Need::may)};
}

void note_columns(SourceColumns const& of, double of_ra, double of_dec, FluxScale const& scale, CatalogueMade& made)
{
    note_column("name", of.name, "", made);
    note_column("right ascension", of.ra, unit_of_degrees(of_ra), made);
    note_column("declination", of.dec, unit_of_degrees(of_dec), made);
    note_column("flux", of.flux, scale.text, made);
    auto const index = short_text(scale.default_spix) + " (--default-spix)";
    note_once("spectral index: " +
                  (of.spix ? of.spix->name + (scale.default_spix != 0 ? ", else " + index : "") : "none, " + index),
              made.columns);
}

void add_rows(CatalogueRequest const& request, SourceTable const& table, std::vector<Source>& sources,
              CatalogueMade& made)
{
    auto const of = columns_of(request, table);
    auto const scale = scale_of(request, table, *of.flux, made);
    double const of_ra = degrees_of(*of.ra), of_dec = degrees_of(*of.dec);
    note_columns(of, of_ra, of_dec, scale, made);
    for (std::size_t row = 0; row < table.n_rows; ++row) {
        auto x = number_at(*of.ra, row), y = number_at(*of.dec, row);
        auto const jy = number_at(*of.flux, row);
        if (!x || !y || !jy) {
            ++made.incomplete;
            continue;
        }
        *x *= of_ra, *y *= of_dec;
        if (std::abs(*y) > 90 || std::abs(*x) > 360)
            throw Error(Code::bad_input, "row " + std::to_string(row + 1), "its position is beyond 360 or 90 degrees",
                        "name columns in decimal degrees");
        if (*y < request.least_dec_deg || *y > request.most_dec_deg) {
            ++made.outside;
            continue;
        }
        Source source{
            of.name ? of.name->values[row] : "", {degrees(*x), degrees(*y)}, *jy * scale.janskys, scale.default_spix};
        if (of.spix) source.spix = number_at(*of.spix, row).value_or(scale.default_spix);
        source.flux_jy *= std::pow(source_reference_hz / scale.freq_hz, source.spix);
        if (source.flux_jy < request.least_jy)
            ++made.faint;
        else
            sources.push_back(std::move(source));
    }
}

}  // namespace

namespace {

/// Puts `more` to `sources`, which are of inputs before, but for those within `radius` of one of these, whose number is returned.
std::size_t add_unknown(std::vector<Source>& sources, std::vector<Source>&& more, Radians radius)
{
    if (!(radius.value() > 0)) {
        std::move(more.begin(), more.end(), std::back_inserter(sources));
        return 0;
    }
    std::vector<Direction> places;
    for (auto const& source : sources) places.push_back(source.direction);
    auto const by_dec = [](Direction const& a, Direction const& b) { return a.dec < b.dec; };
    std::sort(places.begin(), places.end(), by_dec);
    std::size_t known = 0;
    for (auto& source : more) {
        auto const& here = source.direction;
        auto const end = std::upper_bound(places.begin(), places.end(), Direction{{}, here.dec + radius}, by_dec);
        auto const begin = std::lower_bound(places.begin(), end, Direction{{}, here.dec - radius}, by_dec);
        if (std::any_of(begin, end, [&](Direction const& there) { return separation(there, here) <= radius; }))
            ++known;
        else
            sources.push_back(std::move(source));
    }
    return known;
}

}  // namespace

std::vector<std::string> published_surveys()
{
    std::vector<std::string> keys;
    for (auto const* survey : surveys) keys.emplace_back(survey->key);
    return keys;
}

CatalogueMade build_catalogue(CatalogueRequest const& request)
{
    CatalogueMade made;
    std::vector<Source> sources;
    std::string note;
    for (auto const& path : request.inputs) {
        std::vector<Source> more;
        within("catalogue " + path, [&] { add_rows(request, read_source_table(path), more, made); });
        made.known += add_unknown(sources, std::move(more), arcseconds(request.match_arcsec));
        note += (note.empty() ? "from " : ", ") + path;
    }
    if (sources.empty())
        throw Error(Code::bad_input, "cannot build the catalogue " + request.out, "no source is left to write",
                    "check the inputs, --least and --dec-range");
    write_catalogue(request.out, sources, note);
    made.sources = sources.size();
    return made;
}

}  // namespace nocturne
