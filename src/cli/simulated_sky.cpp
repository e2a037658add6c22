// The sources of `simulate`: typed one by one, from lists and catalogues, at random. Enters: options and the group's centre. Leaves:
// sources with their intrinsic fluxes.
#include "cli/simulate_options.hpp"
#include "nocturne/error.hpp"
#include "nocturne/short_number.hpp"
#include "sky/calibrators.hpp"
#include "sky/catalogue.hpp"
#include "sky/data_path.hpp"
#include "sky/frames.hpp"
#include "sky/phasing.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

namespace nocturne::cli {
namespace {

constexpr int default_sources = 30, default_most = 64;

/// Names that we give, beside those that lists hold: a light curve is of one source.
class FreeNames {
public:
    explicit FreeNames(std::vector<Source> const& listed)
    {
        for (auto const& source : listed) taken_.insert(source.name);
    }
    /// `letter` and the first free number from `number` on that was not given yet.
    std::string take(std::string const& letter, std::size_t number)
    {
        auto& last = last_[letter];
        last = std::max(last + 1, number);
        while (!taken_.insert(letter + std::to_string(last)).second) ++last;
        return letter + std::to_string(last);
    }

private:
    std::set<std::string> taken_;
    std::map<std::string, std::size_t> last_;
};

Source parse_source(std::string const& text, std::string const& name)
{
    std::vector<double> values;
    std::istringstream words(text);
    for (std::string word; std::getline(words, word, ',');) {
        char* end = nullptr;
        values.push_back(std::strtod(word.c_str(), &end));
        if (word.empty() || *end != '\0') values.clear(), words.setstate(std::ios::eofbit);
    }
    if (values.size() < 2 || values.size() > 4 || !(std::abs(values[1]) <= 90) ||
        !std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); }))
        throw Error(Code::usage, "--source " + text, "not RA,DEC[,FLUX[,SPIX]] in degrees and Jy",
                    "write for example 202.78,30.51,14.9");
    values.resize(4, values.size() < 3 ? 1.0 : 0.0);
    double const flux = values[2], spix = values.size() > 3 ? values[3] : 0;
    return {name, {degrees(values[0]), degrees(values[1])}, flux, spix};
}

/// NVSS_CATALOG of the environment, else catalogues/nvss.sqlite (or .sqlite3, .csv) of the data folders. Throws Error(usage).
std::string catalogue_called(std::string const& type)
{
    namespace fs = std::filesystem;
    std::string variable, low;
    for (unsigned char const c : type) {
        variable += static_cast<char>(std::toupper(c));
        low += static_cast<char>(std::tolower(c));
    }
    variable += "_CATALOG";
    if (char const* path = std::getenv(variable.c_str()); path && *path) return path;
    for (auto const& folder : data_folders())
        for (char const* ending : {".sqlite", ".sqlite3", ".csv"}) {
            auto const path = fs::path(folder) / "catalogues" / (low + ending);
            if (std::error_code failure; fs::exists(path, failure)) return path.string();
        }
    throw Error(Code::usage, "--source-catalog-type " + type,
                "neither " + variable + " nor catalogues/" + low + ".sqlite of a data folder names one",
                "make it from the survey's table with nocturne catalog build, and give it as --source-catalog");
}

/// Those of the catalogue in a circle, the brightest first.
std::vector<Source> brightest_around(std::string const& path, Direction centre, Radians radius, double least_jy)
{
    std::vector<Source> found;
    if (path.empty()) {
        found = shipped_calibrators();
        std::erase_if(found, [&](Source const& source) {
            return source.flux_jy < least_jy || separation(source.direction, centre) > radius;
        });
    } else {
        found = sources_around(path, centre, radius, least_jy);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](Source const& a, Source const& b) { return a.flux_jy > b.flux_jy; });
    return found;
}

}  // namespace

void SimulateOptions::declare_sources(App& app)
{
    app.add_option("--source", single_sources, "One source RA,DEC[,FLUX[,SPIX]] (degrees, Jy); may be repeated");
    app.add_option("--random-sources", random_sources,
                   "Sources at random places, fluxes within a factor of 10 (default 30 without other sources; 0: none)")
        ->in_range(0, 1000000);
    app.add_option("--radius", radius_deg, "Radius of the disc of random sources, degrees")->in_range(0.0, 90.0);
    app.add_option("--flux-jy", brightest_jy, "Brightest random source, or the one of --source-model, Jy");
    app.add_option("--spix-std", spix_std, "Spread of the random sources' spectral index");
    app.add_option(
           "--source-model", source_model,
           "Shape of --source and random sources, point, gaussian or disk; without other sources one of it at the "
           "centre of the field, of --flux-jy")
        ->one_of({"point", "gaussian", "disk"});
    app.add_option("--source-size-arcsec", source_size_arcsec,
                   "Size of that: a Gaussian's width at half maximum, a disk's radius");
    app.add_option("--source-minor-arcsec", source_minor_arcsec, "The same along the smaller axis (default: a circle)");
    app.add_option("--source-pa-deg", source_pa_deg, "Angle of the larger axis from north through east");
    app.add_option("--source-catalog,--source-catalog-path", source_catalogue,
                   "Sources of a catalogue, by nocturne catalog build or a CSV, in a circle of the sky");
    app.add_option(
        "--source-catalog-type", source_catalogue_type,
        "The same by name: vla (the shipped calibrators), or nvss, first, … where NVSS_CATALOG, FIRST_CATALOG, "
        "… name a file or a data folder has catalogues/nvss.sqlite");
    app.add_option("--source-region-ra", region_ra_deg, "Centre of the circle, degrees (default: of the field)");
    app.add_option("--source-region-dec", region_dec_deg, "Centre of the circle, degrees (default: of the field)");
    app.add_option("--source-region-radius-deg", region_radius_deg, "Its radius (default 1)");
    app.add_option("--min-source-flux-mjy", least_flux_mjy, "Catalogue sources of so much at 1.4 GHz and more");
    app.add_option("--max-source-count", most_sources, "The brightest so many of them (default 64; 0: all)")
        ->in_range(0, 100000000);
}

void SimulateOptions::shape(Source& source) const
{
    if (!source_size_arcsec) return;
    source.disk = source_model == "disk";
    double const width = (source.disk ? 2 : 1) * arcsec_rad;
    source.major_rad = *source_size_arcsec * width;
    source.minor_rad = source_minor_arcsec.value_or(*source_size_arcsec) * width;
    source.pa_rad = source_pa_deg * degree_rad;
}

void SimulateOptions::check_model() const
{
    bool const wide = source_model == "gaussian" || source_model == "disk";
    if (wide != source_size_arcsec.has_value() || (source_minor_arcsec && !wide))
        throw Error(Code::usage, wide ? "--source-model " + source_model : "--source-size-arcsec",
                    wide ? "it has no size" : "a point has none",
                    "give both, as --source-model gaussian --source-size-arcsec 30");
    if (source_pa_deg != 0 && !wide)
        throw Error(Code::usage, "--source-pa-deg", "a point has none", "give --source-model and --source-size-arcsec");
    bool const shaped = !single_sources.empty() || random_sources > 0 ||
                        (sky.sources_csv.empty() && source_catalogue.empty() && source_catalogue_type.empty());
    if (wide && !shaped)
        throw Error(Code::usage, "--source-model " + source_model, "sources of lists have shapes of their own",
                    "write major_arcsec and minor_arcsec into the list");
    if (!source_catalogue.empty() && !source_catalogue_type.empty())
        throw Error(Code::usage, "--source-catalog and --source-catalog-type", "one catalogue is taken",
                    "give one of them");
    double const major = source_size_arcsec.value_or(1), minor = source_minor_arcsec.value_or(major);
    if (!(major >= minor && minor >= 0 && major > 0 && major <= 36000 && std::isfinite(source_pa_deg)))
        throw Error(Code::usage, "--source-size-arcsec " + short_number(major),
                    "not two sizes of 0 to 36000, the larger one first", "correct it");
}

std::vector<Source> SimulateOptions::catalogue_sources(Direction centre) const
{
    if (source_catalogue.empty() && source_catalogue_type.empty()) {
        if (region_ra_deg || region_dec_deg || region_radius_deg || least_flux_mjy || most_sources >= 0)
            throw Error(Code::usage, "a choice of catalogue sources", "there is no catalogue",
                        "give --source-catalog or --source-catalog-type");
        return {};
    }
    auto const path = !source_catalogue.empty()        ? source_catalogue
                      : source_catalogue_type == "vla" ? std::string()
                                                       : catalogue_called(source_catalogue_type);
    double const radius = region_radius_deg.value_or(1), least_jy = least_flux_mjy.value_or(0) / 1000;
    if (region_ra_deg) centre.ra = degrees(*region_ra_deg);
    if (region_dec_deg) centre.dec = degrees(*region_dec_deg);
    if (!(std::abs(centre.dec.value()) <= pi / 2 && std::isfinite(centre.ra.value()) && radius > 0 && radius <= 180 &&
          std::isfinite(least_jy)))
        throw Error(Code::usage, "the choice of catalogue sources", "a number of it makes no sense",
                    "see nocturne simulate --help");
    auto found = brightest_around(path, centre, degrees(radius), least_jy);
    if (found.empty())
        throw Error(Code::usage, "no source of the catalogue " + (path.empty() ? "vla" : path) + " is in the region",
                    "within " + short_number(radius) + " degrees of " + short_number(centre.ra.value() / degree_rad) +
                        ", " + short_number(centre.dec.value() / degree_rad) + " none has " +
                        short_number(1000 * least_jy) + " mJy or more",
                    "widen --source-region-radius-deg, or lower --min-source-flux-mjy");
    auto const most = static_cast<std::size_t>(most_sources < 0 ? default_most : most_sources);
    if (most > 0 && found.size() > most) {
        spdlog::info("the brightest {} of {} catalogue sources are simulated (--max-source-count)", most, found.size());
        found.resize(most);
    }
    return found;
}

std::vector<Source> SimulateOptions::read_sky(Direction centre) const
{
    check_model();
    std::vector<Source> all;
    if (!sky.sources_csv.empty()) all = read_sources(sky.sources_csv);
    auto const listed = catalogue_sources(centre);
    all.insert(all.end(), listed.begin(), listed.end());
    FreeNames names(all);
    for (auto const& text : single_sources) {
        auto const number = all.size() + 1;
        shape(all.emplace_back(parse_source(text, names.take("P", number))));
    }
    bool const others = !all.empty() || !sky.sources_csv.empty() || random_sources >= 0;
    if (!others && !source_model.empty()) shape(all.emplace_back(Source{"P1", centre, brightest_jy}));
    int const n = random_sources >= 0 ? random_sources : others || !all.empty() ? 0 : default_sources;
    auto const more =
        nocturne::random_sources({n, centre, degrees(radius_deg), brightest_jy, spix_std, instrument.seed});
    for (std::size_t i = 0; i < more.size(); ++i) {
        auto& source = all.emplace_back(more[i]);
        source.name = names.take("S", i + 1);
        shape(source);
    }
    return all;
}

}  // namespace nocturne::cli
