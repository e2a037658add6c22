// Verb `calibrators`: what can calibrate a pointing, or a night at one declination. Enters: a time, a declination. Leaves: sources by
// the flux that the beam lets through, with their transits.
#include "sky/calibrators.hpp"

#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "nocturne/error.hpp"
#include "sky/beam.hpp"
#include "sky/catalogue.hpp"
#include "sky/telescope.hpp"
#include "sky/transits.hpp"

#include <cmath>

namespace nocturne::cli {
namespace calibrators_verb {

using Json = nlohmann::ordered_json;

struct CalibratorOptions {
    std::string when, telescope = "DSA-110", catalogue;
    double dec_deg = 0, radius_deg = 1, freq_ghz = 1.4, hours = 0, diameter_m = -1, least_jy = 0;
    int top = 3;
};

/// By the flux seen where the dishes look at the time itself: LST is the right ascension of the meridian.
std::vector<Transit> around_now(std::vector<Source> const& catalogue, EarthOrientation const& earth,
                                TransitSearch const& search)
{
    CalibratorSearch near;
    near.direction = Instant(search.site, earth, search.begin).meridian(search.dec);
    near.radius = search.radius;
    near.dish_diameter_m = search.dish_diameter_m;
    near.freq_hz = search.freq_hz;
    std::vector<Transit> found;
    for (auto const& match : match_calibrators(catalogue, near)) {
        double const beam = airy_power(search.dish_diameter_m, std::sin(match.separation.value()), search.freq_hz);
        found.push_back({match.source, transit_near(search.site, earth, match.source.direction, search.begin),
                         match.separation, beam, match.seen_flux_jy});
    }
    return found;
}

Json to_json(Transit const& match, double freq_hz)
{
    return {{"name", match.source.name},
            {"ra_deg", match.source.direction.ra.value() / degree_rad},
            {"dec_deg", match.source.direction.dec.value() / degree_rad},
            {"sep_deg", match.separation.value() / degree_rad},
            {"flux_jy", match.source.flux_at(freq_hz)},
            {"beam", match.beam},
            {"weighted_flux", match.seen_flux_jy},
            {"transit_mjd", match.when.value() / day_s},
            {"transit_utc", format_mjd(match.when.value() / day_s)}};
}

void print_text(std::vector<Transit> const& found, double freq_hz)
{
    std::vector<std::vector<std::string>> rows;
    for (auto const& match : found)
        rows.push_back({match.source.name, format_number(match.source.direction.ra.value() / degree_rad, 8),
                        format_number(match.source.direction.dec.value() / degree_rad, 8),
                        format_number(match.separation.value() / degree_rad, 3),
                        format_number(match.source.flux_at(freq_hz), 4), format_number(match.beam, 3),
                        format_number(match.seen_flux_jy, 4), format_mjd(match.when.value() / day_s)});
    print_table({"name", "RA [deg]", "Dec [deg]", "apart [deg]", "flux [Jy]", "beam", "seen [Jy]", "transit UTC"},
                rows);
}

TransitSearch search_of(CalibratorOptions const& options)
{
    if (!(std::abs(options.dec_deg) <= 90) || !(options.freq_ghz > 0) || !(options.radius_deg > 0))
        throw Error(Code::usage, "--dec, --freq, --radius",
                    "a declination beyond 90 degrees, or a number that is not above 0",
                    "see nocturne calibrators --help");
    auto const telescope = find_telescope(options.telescope);
    TransitSearch search;
    search.site = telescope.site;
    search.dec = degrees(options.dec_deg);
    search.begin = MjdSeconds(parse_mjd(options.when, "--mjd") * day_s);
    search.span_s = options.hours * 3600;
    search.radius = degrees(options.radius_deg);
    search.dish_diameter_m = options.diameter_m >= 0 ? options.diameter_m : telescope.dish_diameter_m;
    search.freq_hz = options.freq_ghz * 1e9;
    return search;
}

/// Of the catalogue what may be seen at the time, or on the meridian some time: precession moves declinations by 0.56° in a century.
std::vector<Source> candidates(std::string const& path, EarthOrientation const& earth, TransitSearch const& search,
                               bool now)
{
    if (path.empty()) return shipped_calibrators();
    if (now) return sources_around(path, Instant(search.site, earth, search.begin).meridian(search.dec), search.radius);
    auto const reach = search.radius + degrees(1);
    return sources_of_strip(path, search.dec - reach, search.dec + reach);
}

int calibrators_verb(CalibratorOptions const& options, Globals const& globals)
{
    auto const search = search_of(options);
    auto const earth = EarthOrientation::load("");
    bool const now = !(options.hours > 0);
    auto const catalogue = candidates(options.catalogue, earth, search, now);
    auto found = now ? around_now(catalogue, earth, search) : transits(catalogue, earth, search);
    std::erase_if(found, [&](Transit const& match) { return match.seen_flux_jy < options.least_jy; });
    if (options.hours <= 0 && options.top > 0 && std::ssize(found) > options.top)
        found.erase(found.begin() + options.top, found.end());
    if (!globals.json) {
        print_text(found, search.freq_hz);
        return 0;
    }
    auto document = Json::array();
    for (auto const& match : found) document.push_back(to_json(match, search.freq_hz));
    print_json(document);
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<CalibratorOptions>();
    app.add_option("--mjd", o->when, "UTC: an MJD or 2026-01-25T22:26:05")->required();
    app.add_option("--dec", o->dec_deg, "Apparent declination that the dishes look at, on the meridian, degrees")
        ->in_range(-90.0, 90.0)
        ->required();
    app.add_option("--hours", o->hours,
                   "Transits of so many hours from --mjd on, by time; 0: what is in the beam at --mjd")
        ->in_range(0.0, 8784.0);
    app.add_option("--radius", o->radius_deg, "Largest separation, degrees (default 1)")->in_range(0.0, 180.0);
    app.add_option("--top", o->top, "The best so many (default 3; 0 = all; all with --hours)")->in_range(0, 1000000);
    app.add_option("--least", o->least_jy, "Least flux seen through the beam, Jy");
    app.add_option("--freq", o->freq_ghz, "Frequency of fluxes and beam, GHz (default 1.4)");
    app.add_option("--telescope", o->telescope, "A telescope's name, for site and dish (default DSA-110)");
    app.add_option("--diameter", o->diameter_m, "Diameter of the dish in metres; 0: no beam (default: the telescope's)")
        ->in_range(0.0, 1000.0);
    app.add_option("--catalog", o->catalogue,
                   "A catalogue of nocturne catalog build, or a CSV (default: the VLA's calibrators)");
    return [o, &globals] { return calibrators_verb(*o, globals); };
}

VerbRegistrar const here{{"calibrators", "List what calibrates a pointing, or transits of a night", &declare}};

}  // namespace calibrators_verb
}  // namespace nocturne::cli
