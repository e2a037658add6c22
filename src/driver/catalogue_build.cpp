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
/// Flux densities (total, peak) whose unit is mJy where a table says none: the surveys publish them so (VizieR VIII/65, VIII/92,
/// J/A+A/598/A78; HEASARC; CASDA; CIRADA). PyBDSF's own Total_flux is in Jy, in tables without names.
struct Published {
    char const *survey, *flux, *beside;  ///< where a column `beside` is there, too; nullptr: anywhere
};
constexpr Published in_mjy[] = {{"NVSS", "s1.4", nullptr},
                                {"NVSS and FIRST of HEASARC", "flux_20_cm", nullptr},
                                {"FIRST", "fint", nullptr},
                                {"FIRST", "fpeak", nullptr},
                                {"RACS", "total_flux_source", nullptr},
                                {"TGSS", "stotal", nullptr},
                                {"TGSS", "speak", nullptr},
                                {"VLASS", "total_flux", "component_name"},
                                {"TGSS and LoTSS", "total_flux", "source_name"}};
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
char const* survey_of(SourceTable const& table, Heading const& flux)
{
    auto const has = [&](char const* name) {
        return std::any_of(table.columns.begin(), table.columns.end(),
                           [&](auto const& column) { return Heading(column).name == name; });
    };
    for (auto const& one : in_mjy)
        if (flux.name == one.flux && (!one.beside || has(one.beside))) return one.survey;
    return nullptr;
}

double janskys(CatalogueRequest const& request, SourceColumn const& flux, char const* survey)
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

/// "ra RAJ2000 (deg)": what was taken for what.
void note_column(char const* what, SourceColumn const* column, std::string const& unit, CatalogueMade& made)
{
    auto const text = std::string(what) + ": " + (column ? column->name + (unit.empty() ? "" : " in " + unit) : "none");
    if (std::find(made.columns.begin(), made.columns.end(), text) == made.columns.end()) made.columns.push_back(text);
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

void add_rows(CatalogueRequest const& request, SourceTable const& table, std::vector<Source>& sources,
              CatalogueMade& made)
{
    auto const* name = find_column(table, request.name, usual_name, Need::may);
    auto const* ra = find_column(table, request.ra, usual_ra, Need::must);
    auto const* dec = find_column(table, request.dec, usual_dec, Need::must);
    auto const* flux = find_column(table, request.flux, usual_flux, Need::must);
    auto const* spix = find_column(table, request.spix, usual_spix, Need::may);
    Heading const flux_heading(*flux);
    bool const bare = flux_heading.unit.empty() && request.flux_unit.empty();
    char const* const survey = bare ? survey_of(table, flux_heading) : nullptr;
    double const scale = janskys(request, *flux, survey), of_ra = degrees_of(*ra), of_dec = degrees_of(*dec);
    note_column("name", name, "", made);
    note_column("right ascension", ra, unit_of_degrees(of_ra), made);
    note_column("declination", dec, unit_of_degrees(of_dec), made);
    auto const known =
        survey ? std::string(", as ") + survey + " publishes it (the table says no unit; --flux-unit)" : "";
    note_column("flux", flux, (scale == 1 ? "Jy" : scale == 1e-3 ? "mJy" : "uJy") + known, made);
    note_column("spectral index", spix, "", made);
    for (std::size_t row = 0; row < table.n_rows; ++row) {
        auto x = number_at(*ra, row), y = number_at(*dec, row);
        auto const jy = number_at(*flux, row);
        if (!x || !y || !jy) {
            ++made.incomplete;
            continue;
        }
        *x *= of_ra, *y *= of_dec;
        if (std::abs(*y) > 90 || std::abs(*x) > 360)
            throw Error(Code::bad_input, "row " + std::to_string(row + 1), "its position is beyond 360 or 90 degrees",
                        "name columns in decimal degrees");
        Source source{name ? name->values[row] : "", {degrees(*x), degrees(*y)}, *jy * scale, request.default_spix};
        if (spix) source.spix = number_at(*spix, row).value_or(request.default_spix);
        source.flux_jy *= std::pow(source_reference_hz / request.freq_hz, source.spix);
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
                    "check the inputs and --least");
    write_catalogue(request.out, sources, note);
    made.sources = sources.size();
    return made;
}

}  // namespace nocturne
