#include "driver/catalogue_build.hpp"

#include "driver/flux_scale.hpp"
#include "io/source_table.hpp"
#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/short_number.hpp"
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

/// Names by which catalogues of VizieR, HEASARC, NVSS, FIRST, SUMSS, RACS, VLASS and TGSS call what is wanted, in lower case.
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
                        "int_flux", "stotal", "flux_mjy", "st"}};
Usual const usual_spix{"spectral index", {"spix", "spindx", "spindex", "alpha", "sp_index", "si", "spectral_index"}};

enum class Need { must, may };

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

/// Once, whichever input it is of.
void note_once(std::string const& text, std::vector<std::string>& notes)
{
    if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(text);
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
    auto const index = short_number(scale.default_spix) + " (--default-spix)";
    note_once("spectral index: " +
                  (of.spix ? of.spix->name + (scale.default_spix != 0 ? ", else " + index : "") : "none, " + index),
              made.columns);
}

void add_rows(CatalogueRequest const& request, std::string const& path, std::string const& survey,
              std::vector<Source>& sources, CatalogueMade& made)
{
    auto const table = read_source_table(path);
    auto const of = columns_of(request, table);
    auto const scale =
        flux_scale_of(table, *of.flux, {request.flux_unit, survey, request.freq_hz, request.default_spix});
    for (auto const& warning : scale.warnings) made.warnings.push_back(path + ": " + warning);
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

CatalogueMade build_catalogue(CatalogueRequest const& request)
{
    auto const& surveys = request.surveys;
    if (surveys.size() > 1 && surveys.size() != request.inputs.size())
        throw Error(Code::usage, "--survey",
                    std::to_string(surveys.size()) + " surveys, " + std::to_string(request.inputs.size()) + " inputs",
                    "give one for all, or one for each input, in their order (auto: by its columns)");
    CatalogueMade made;
    std::vector<Source> sources;
    std::string note;
    for (std::size_t i = 0; i < request.inputs.size(); ++i) {
        auto const& path = request.inputs[i];
        auto const survey = surveys.empty() ? "" : surveys[surveys.size() > 1 ? i : 0];
        std::vector<Source> more;
        within("catalogue " + path, [&] { add_rows(request, path, survey, more, made); });
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
