#include "driver/ms_check.hpp"

#include "driver/ms_source.hpp"
#include "io/wgs84.hpp"
#include "nocturne/radio_band.hpp"
#include "nocturne/text.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

namespace nocturne {
namespace {

constexpr double same_direction_rad = 1e-9;  // 0.2 mas: rounding of a conversion
constexpr double same_dish_m = 0.01;
constexpr double station_limit_m = 0.05;  // the reference's tolerance of antenna positions

MsCheck good(std::string name, std::string sentence)
{
    return {std::move(name), MsVerdict::good, {}, {}, "", std::move(sentence)};
}

MsCheck check_version(MsFacts const& facts)
{
    auto check = good("version", "MS_VERSION 2.0, table info Measurement Set");
    check.value = facts.version;
    check.limit = 2;
    if (facts.info_type.find("Measurement Set") == std::string::npos || facts.version != 2) {
        check.verdict = MsVerdict::fail;
        check.sentence = "MS_VERSION is " + std::to_string(facts.version) + " and table.info says \"" +
                         facts.info_type + "\": CASA wants 2.0 and Measurement Set";
    }
    return check;
}

/// Columns without which CASA or WSClean refuse (docs/measurement-set.md).
MsCheck check_columns(MsFacts const& facts)
{
    std::vector<std::string> missing;
    for (char const* column : {"TIME",         "TIME_CENTROID",  "ANTENNA1",      "ANTENNA2", "FEED1",    "FEED2",
                               "DATA_DESC_ID", "PROCESSOR_ID",   "FIELD_ID",      "INTERVAL", "EXPOSURE", "SCAN_NUMBER",
                               "ARRAY_ID",     "OBSERVATION_ID", "STATE_ID",      "UVW",      "SIGMA",    "WEIGHT",
                               "FLAG",         "FLAG_ROW",       "FLAG_CATEGORY", "DATA"})
        if (!std::count(facts.columns.begin(), facts.columns.end(), column)) missing.push_back(column);
    if (!facts.flag_category_keyword) missing.push_back("keyword CATEGORY of FLAG_CATEGORY");
    auto check = good("columns", "all required columns are there");
    check.value = static_cast<double>(missing.size());
    check.limit = 0;
    if (!missing.empty()) {
        check.verdict = MsVerdict::fail;
        check.sentence = "missing: " + join(missing);
    }
    return check;
}

MsCheck check_subtables(MsFacts const& facts)
{
    auto check = good("subtables", "all required subtables are there");
    std::vector<std::string> bad;
    for (auto const& table : facts.subtables) {
        static constexpr char const* filled[] = {"ANTENNA",     "DATA_DESCRIPTION", "FEED",           "FIELD",
                                                 "OBSERVATION", "POLARIZATION",     "SPECTRAL_WINDOW"};
        bool const may_be_empty = std::find(std::begin(filled), std::end(filled), table.name) == std::end(filled);
        if (!table.trouble.empty())
            bad.push_back(table.name + " (" + table.trouble + ")");
        else if (table.rows == 0 && !may_be_empty)
            bad.push_back(table.name + " (empty)");
    }
    for (auto const& trouble : facts.trouble) bad.push_back(trouble);
    check.value = static_cast<double>(bad.size());
    check.limit = 0;
    if (!bad.empty()) {
        check.verdict = MsVerdict::fail;
        check.sentence = "missing or unreadable: " + join(bad);
    }
    return check;
}

MsCheck check_frequencies(MsFacts const& facts)
{
    auto check = good("frequencies", "channels ascend in every spectral window");
    double falling = 0;
    std::optional<double> odd_hz;
    for (auto const& window : facts.windows) {
        falling += !window.ascending;
        for (double const hz : {window.first_hz, window.last_hz})
            if (!odd_hz && !not_in_hz({hz}).empty()) odd_hz = hz;
    }
    check.value = falling;
    check.limit = 0;
    if (odd_hz) {
        check.verdict = MsVerdict::fail;
        check.value = *odd_hz;
        check.limit = lowest_radio_hz;
        check.unit = "Hz";
        check.sentence = "CHAN_FREQ is not in Hz: no array observes there";
    } else if (facts.windows.empty() || falling > 0) {
        check.verdict = MsVerdict::fail;
        check.sentence = facts.windows.empty() ? "there is no spectral window"
                                               : "channels do not ascend: imagers that take bandwidth from the first "
                                                 "and last one go wrong";
    } else if (std::any_of(facts.windows.begin(), facts.windows.end(), [](auto const& w) { return !w.widths_fit; })) {
        check.verdict = MsVerdict::warn;
        check.sentence = "channels ascend, but some CHAN_WIDTH is negative, 0 or not finite";
    }
    return check;
}

MsCheck check_feeds(MsFacts const& facts)
{
    std::vector<std::string> without;
    for (auto const& antenna : facts.antennas)
        if (!antenna.has_feed) without.push_back(antenna.name);
    auto check = good("feeds", "every antenna has a row in FEED");
    check.value = static_cast<double>(without.size());
    check.limit = 0;
    if (without.empty()) return check;
    check.verdict = MsVerdict::warn;
    if (without.size() > 4) without.resize(4);
    check.sentence = "antennas without a row in FEED (" + join(without) +
                     "): programs that rotate feeds or calibrate polarization stop there";
    return check;
}

/// A direction that moves is a polynomial in time, whose degree stands beside it.
MsCheck check_polynomials(MsFacts const& facts)
{
    auto check = good("phase-polynomials", "NUM_POLY of every field is the degree that its PHASE_DIR has");
    for (auto const& field : facts.fields) {
        if (field.terms == field.degree + 1) continue;
        check.verdict = MsVerdict::fail;
        check.value = static_cast<double>(field.degree);
        check.limit = static_cast<double>(field.terms - 1);
        check.sentence = "NUM_POLY of field " + field.name + " is " + std::to_string(field.degree) +
                         ", and its PHASE_DIR has " + std::to_string(field.terms) +
                         " terms: programs read another direction, or stop";
    }
    return check;
}

MsCheck check_directions(MsFacts const& facts)
{
    double worst = 0;
    std::string which;
    for (auto const& field : facts.fields)
        for (std::size_t i = 0; i < 2; ++i) {
            double const apart = std::abs(std::remainder(field.phase_rad[i] - field.reference_rad[i], 2 * pi));
            if (!(apart <= worst) && !std::isnan(worst)) {
                worst = apart;
                which = field.name;
            }
        }
    auto check = good("reference-dir", "PHASE_DIR and REFERENCE_DIR are one direction in every field");
    check.value = worst / arcsec_rad;
    check.limit = same_direction_rad / arcsec_rad;
    check.unit = "arcsec";
    if (!(worst <= same_direction_rad)) {
        check.verdict = MsVerdict::fail;
        check.sentence = "PHASE_DIR and REFERENCE_DIR of field " + which +
                         " differ: a phase shift moved one of them only, and CASA images the other";
    }
    return check;
}

MsCheck check_telescope(MsFacts const& facts, Telescope const& telescope)
{
    auto check = good("telescope", facts.telescope_name + " is known: " + telescope.path);
    if (telescope.path.empty()) {
        check.verdict = MsVerdict::warn;
        check.sentence = "telescope '" + facts.telescope_name +
                         "' has no file in jobs/telescopes: beams and limits of its own are not known";
    }
    return check;
}

MsCheck check_mounts(MsFacts const& facts)
{
    std::vector<std::string> odd;
    for (auto const& antenna : facts.antennas)
        if (antenna.mount != "ALT-AZ" && antenna.mount != "alt-az") odd.push_back(antenna.name + " " + antenna.mount);
    auto check = good("mounts", "every antenna is ALT-AZ");
    check.value = static_cast<double>(odd.size());
    check.limit = 0;
    if (odd.empty()) return check;
    check.verdict = MsVerdict::warn;
    if (odd.size() > 4) odd.resize(4);
    check.sentence = "mounts other than ALT-AZ (" + join(odd) + "): beams will not be rotated as for alt-az dishes";
    return check;
}

MsCheck check_dishes(MsFacts const& facts, Telescope const& telescope)
{
    auto check = good("dishes", "every antenna has a dish diameter");
    check.unit = "m";
    if (telescope.dish_diameter_m > 0) check.limit = same_dish_m;
    double worst = 0;
    for (auto const& antenna : facts.antennas) {
        bool const known = antenna.diameter_m > 0 && std::isfinite(antenna.diameter_m);
        if (!known) {
            check.verdict = telescope.dish_diameter_m > 0 ? MsVerdict::fail : MsVerdict::warn;
            check.sentence = "antenna " + antenna.name + " has no dish diameter" +
                             (telescope.dish_diameter_m > 0 ? "" : ": programs cannot tell its primary beam");
        } else if (telescope.dish_diameter_m > 0) {
            worst = std::max(worst, std::abs(antenna.diameter_m - telescope.dish_diameter_m));
        }
    }
    if (telescope.dish_diameter_m > 0) check.value = worst;
    if (check.verdict == MsVerdict::good && worst > same_dish_m) {
        check.verdict = MsVerdict::fail;
        check.sentence = "dish diameters are not the telescope's " + std::to_string(telescope.dish_diameter_m) + " m";
    }
    return check;
}

/// "" where all were looked at.
std::string rows_looked_at(MsFacts::SampleFact const& fact, std::int64_t rows)
{
    if (fact.looked >= rows) return "";
    return " (" + std::to_string(fact.looked) + " of " + std::to_string(rows) + " rows looked at)";
}

/// What the values of a column that is whole say.
void judge_values(MsFacts::SampleFact const& fact, MsCheck& check)
{
    bool const weights = fact.name == "WEIGHT_SPECTRUM" || fact.name == "WEIGHT";
    if (fact.name == "FLAG") {
        check.sentence = fact.all_zero ? "nothing is flagged" : "some samples are flagged";
        if (fact.any_positive) return;
        check.verdict = MsVerdict::warn;
        check.sentence = "everything is flagged: there is nothing to image";
    } else if (!fact.finite) {
        check.verdict = MsVerdict::warn;
        check.sentence = "values that are not finite";
    } else if (weights && !fact.any_positive) {
        check.verdict = MsVerdict::fail;
        check.sentence = "no weight is positive: programs take everything for flagged";
    } else if (weights && fact.any_negative) {
        check.verdict = MsVerdict::warn;
        check.sentence = "some weights are negative";
    } else if (fact.all_zero) {
        check.verdict = fact.name == "MODEL_DATA" ? MsVerdict::good : MsVerdict::warn;
        check.sentence = fact.name == "MODEL_DATA" ? "there, and 0 until somebody predicts" : "only zeros";
    }
}

MsCheck check_samples(MsFacts::SampleFact const& fact, std::int64_t rows)
{
    auto check = good(fact.name, "initialised");
    bool const required = fact.name == "DATA" || fact.name == "WEIGHT" || fact.name == "FLAG";
    if (!fact.there) {
        check.sentence = required ? "not there" : "not there, and need not be";
        if (required) check.verdict = MsVerdict::fail;
        return check;
    }
    if (!fact.defined || !fact.fits) {
        check.verdict = MsVerdict::fail;
        check.sentence = !fact.defined ? "cells without a value: programs that read the column stop"
                                       : "cells have another shape than those of DATA";
    } else {
        judge_values(fact, check);
    }
    check.sentence += rows_looked_at(fact, rows);
    return check;
}

}  // namespace

char const* name(MsVerdict verdict)
{
    return verdict == MsVerdict::good ? "good" : verdict == MsVerdict::warn ? "warn" : "fail";
}

MsVerdict MsCheckReport::verdict(bool strict) const
{
    MsVerdict worst = MsVerdict::good;
    for (auto const& check : checks) worst = std::max(worst, check.verdict);
    return strict && worst == MsVerdict::warn ? MsVerdict::fail : worst;
}

MsCheck check_stations(MsFacts const& facts, Telescope const& telescope)
{
    auto check = good("antennas", "within 5 cm of the telescope's stations");
    check.unit = "m";
    auto const stations = antennas_of(telescope, telescope.site);
    if (stations.empty()) {
        check.sentence = "the telescope's file lists no stations: positions are not checked";
        return check;
    }
    auto const site =
        geocentric_m({telescope.site.latitude_rad, telescope.site.longitude_rad, telescope.site.altitude_m});
    double worst = 0;
    std::string which;
    for (std::size_t a = 0; a < facts.antennas.size(); ++a) {
        auto const& antenna = facts.antennas[a];
        auto const found = std::find_if(stations.begin(), stations.end(), [&](Antenna const& s) {
            return s.name == antenna.name ||
                   telescope.stations[static_cast<std::size_t>(s.number)].name == antenna.name;
        });
        double apart = std::nan("");
        if (found != stations.end()) {
            std::array<double, 3> d{};
            for (std::size_t i = 0; i < 3; ++i) d[i] = antenna.itrf_m[i] - site[i] - found->position_m[i];
            apart = std::hypot(d[0], d[1], d[2]);
        }
        if (apart <= worst) continue;
        worst = apart;
        which = antenna.name;
        if (std::isnan(apart)) break;
    }
    check.limit = station_limit_m;
    if (!std::isnan(worst)) check.value = worst;
    if (!(worst <= station_limit_m)) {
        check.verdict = MsVerdict::fail;
        check.sentence = std::isnan(worst) ? "antenna " + which + " is none of the telescope's stations"
                                           : "antenna " + which + " is not where the telescope's file has it";
    }
    return check;
}

MsCheck check_rows(MsFacts const& facts)
{
    auto check = good("rows", "there are rows, and FLAG_ROW does not flag them all");
    check.value = static_cast<double>(facts.rows);
    check.limit = 1;
    if (facts.rows > 0 && !facts.all_rows_flagged) return check;
    check.verdict = facts.rows > 0 ? MsVerdict::warn : MsVerdict::fail;
    check.sentence = facts.rows > 0 ? "FLAG_ROW flags every row: there is nothing to image" : "there are no rows";
    return check;
}

std::vector<MsCheck> check_tables(MsFacts const& facts, Telescope const& telescope)
{
    std::vector<MsCheck> checks{check_version(facts),
                                check_rows(facts),
                                check_columns(facts),
                                check_subtables(facts),
                                check_frequencies(facts),
                                check_directions(facts),
                                check_polynomials(facts),
                                check_feeds(facts),
                                check_telescope(facts, telescope),
                                check_mounts(facts),
                                check_dishes(facts, telescope),
                                check_stations(facts, telescope)};
    for (auto const& fact : facts.samples)
        if (facts.rows > 0) checks.push_back(check_samples(fact, facts.rows));
    return checks;
}

MsCheckReport check_measurement_set(std::string const& path)
{
    if (std::filesystem::exists(path) && !std::filesystem::is_directory(path))
        throw Error(Code::bad_input, path + " is no Measurement Set",
                    "it is a file, and a Measurement Set is a directory",
                    "make one of UVH5 files with nocturne convert FILES --ms OUT.ms");
    MsCheckReport report;
    report.path = path;
    auto const facts = MsChild::facts(path);
    auto const telescope = find_telescope(facts.telescope_name);
    report.checks = check_tables(facts, telescope);
    auto readable = good("readable", "every row has its place, and UVW and indices are sound");
    try {
        auto const geometry = check_geometry(ms_header(path, {}), telescope);
        report.checks.push_back(readable);
        report.checks.insert(report.checks.end(), geometry.begin(), geometry.end());
    } catch (Error const& error) {
        readable.verdict = MsVerdict::fail;
        readable.sentence = error.what();
        report.checks.push_back(readable);
    }
    return report;
}

}  // namespace nocturne
