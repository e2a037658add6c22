#include "driver/catalogue_build.hpp"

#include "io/source_table.hpp"
#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/text.hpp"
#include "sky/catalogue.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
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
Usual const usual_ra{"right ascension", {"ra_deg", "ra", "raj2000", "_raj2000", "ra_icrs", "ra_j2000", "alpha_j2000"}};
Usual const usual_dec{
    "declination", {"dec_deg", "dec", "de", "dej2000", "_dej2000", "de_icrs", "decj2000", "dec_j2000", "delta_j2000"}};
Usual const usual_flux{"flux",
                       {"flux_jy", "flux", "s1.4", "flux_20_cm", "total_flux", "total_flux_source", "fint", "int_flux",
                        "stotal", "flux_mjy"}};
Usual const usual_spix{"spectral index", {"spix", "spindx", "alpha", "sp_index", "spectral_index"}};

enum class Need { must, may };

SourceColumn const* find_column(SourceTable const& table, std::string const& asked, Usual const& usual, Need need)
{
    std::vector<std::string> const wanted = asked.empty() ? usual.names : std::vector<std::string>{lower(asked)};
    for (auto const& name : wanted)
        for (auto const& column : table.columns)
            if (lower(column.name) == name) return &column;
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

double janskys(CatalogueRequest const& request, SourceColumn const& flux)
{
    auto const unit = lower(request.flux_unit.empty() ? flux.unit : request.flux_unit);
    if (unit.starts_with("mjy")) return 1e-3;
    if (unit.starts_with("ujy") || unit.starts_with("microjy")) return 1e-6;
    if (unit.starts_with("jy")) return 1;
    if (unit.empty()) return lower(flux.name) == "flux_mjy" ? 1e-3 : 1;
    throw Error(Code::bad_input, "column " + flux.name + " is in " + unit, "that is no unit of flux density known here",
                "give its unit: Jy, mJy or uJy");
}

void add_rows(CatalogueRequest const& request, SourceTable const& table, std::vector<Source>& sources,
              CatalogueMade& made)
{
    auto const* name = find_column(table, request.name, usual_name, Need::may);
    auto const* ra = find_column(table, request.ra, usual_ra, Need::must);
    auto const* dec = find_column(table, request.dec, usual_dec, Need::must);
    auto const* flux = find_column(table, request.flux, usual_flux, Need::must);
    auto const* spix = find_column(table, request.spix, usual_spix, Need::may);
    double const scale = janskys(request, *flux);
    for (std::size_t row = 0; row < table.n_rows; ++row) {
        auto const x = number_at(*ra, row), y = number_at(*dec, row), jy = number_at(*flux, row);
        if (!x || !y || !jy) {
            ++made.incomplete;
            continue;
        }
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

CatalogueMade build_catalogue(CatalogueRequest const& request)
{
    CatalogueMade made;
    std::vector<Source> sources;
    std::string note;
    for (auto const& path : request.inputs) {
        within("catalogue " + path, [&] { add_rows(request, read_source_table(path), sources, made); });
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
