// Checks of Measurement Sets: a right one is good, and each thing that once went wrong is found.
#include "driver/ms_check.hpp"
#include "driver/ms_geometry.hpp"
#include "io/wgs84.hpp"
#include "sky/phasing.hpp"

#include <gtest/gtest.h>

#include <limits>

#include <functional>

namespace nocturne {
namespace {

/// DSA-110's own, as the writer leaves it.
MsFacts good_facts(Telescope const& telescope)
{
    MsFacts facts;
    facts.rows = 10;
    facts.version = 2;
    facts.info_type = "Type = Measurement Set";
    facts.columns = {"TIME",         "TIME_CENTROID",  "ANTENNA1",      "ANTENNA2", "FEED1",    "FEED2",
                     "DATA_DESC_ID", "PROCESSOR_ID",   "FIELD_ID",      "INTERVAL", "EXPOSURE", "SCAN_NUMBER",
                     "ARRAY_ID",     "OBSERVATION_ID", "STATE_ID",      "UVW",      "SIGMA",    "WEIGHT",
                     "FLAG",         "FLAG_ROW",       "FLAG_CATEGORY", "DATA"};
    facts.flag_category_keyword = true;
    for (char const* name :
         {"ANTENNA", "DATA_DESCRIPTION", "FEED", "FIELD", "OBSERVATION", "POLARIZATION", "SPECTRAL_WINDOW"})
        facts.subtables.push_back({name, 1, ""});
    for (char const* name : {"FLAG_CMD", "HISTORY", "POINTING", "PROCESSOR", "STATE"})
        facts.subtables.push_back({name, 0, ""});
    facts.telescope_name = "OVRO_MMA";
    auto const& site = telescope.site;
    auto const origin = geocentric_m({site.latitude_rad, site.longitude_rad, site.altitude_m});
    for (auto const& a : antennas_of(telescope, site))
        facts.antennas.push_back(
            {a.name,
             "ALT-AZ",
             {a.position_m[0] + origin[0], a.position_m[1] + origin[1], a.position_m[2] + origin[2]},
             4.65});
    facts.fields = {{"3C286", "ICRS", {3.5, 0.5}, {3.5, 0.5}}};
    facts.windows = {{768, 1.31e9, 1.49e9, true}};
    facts.samples = {{"DATA", true, true, true, false, true, false, false, 10},
                     {"MODEL_DATA", false},
                     {"CORRECTED_DATA", false},
                     {"WEIGHT_SPECTRUM", true, true, true, false, true, false, true, 10},
                     {"WEIGHT", true, true, true, false, true, false, true, 10},
                     {"FLAG", true, true, true, false, true, false, true, 10}};
    return facts;
}

/// A tenth of the array, phased to one direction or following the meridian; UVW as they should be.
GroupHeader good_header(Telescope const& telescope, bool meridian)
{
    GroupHeader header;
    header.site = telescope.site;
    header.antennas = antennas_of(telescope, telescope.site);
    for (std::int32_t a = 0; a < 117; a += 12)
        for (std::int32_t b = a; b < 117; b += 12) header.baselines.push_back({a, b});
    auto const earth = EarthOrientation::load();
    header.centres.clear();
    for (int t = 0; t < 4; ++t) {
        double const time_s = 61000 * day_s + 30000 + 60 * t;
        Instant const instant(header.site, earth, MjdSeconds(time_s));
        auto const here = instant.meridian(Radians(0.9));
        if (meridian || t == 0) header.centres.push_back({PhaseReference::icrs, here, "field"});
        header.moments.push_back({time_s, meridian ? t : 0, t + 1});
        header.time_mjd_s.push_back(time_s);
        header.integration_s.push_back(12);
    }
    GroupMoments const moments(header, earth);
    std::vector<Direction> own;
    for (Index m = 0; m < moments.size(); ++m) own.push_back(moments.own_direction(m));
    header.file_uvw_m = plan_phasing(header, moments, own).uvw_m;
    return header;
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

MsCheck find(std::vector<MsCheck> const& checks, std::string const& name)
{
    for (auto const& check : checks)
        if (check.name == name) return check;
    ADD_FAILURE() << "no check " << name;
    return {};
}

TEST(MsCheck, ARightOneIsGood)
{
    auto const telescope = find_telescope("OVRO_MMA");
    for (auto const& check : check_tables(good_facts(telescope), telescope))
        EXPECT_EQ(check.verdict, MsVerdict::good) << check.name << ": " << check.sentence;
    for (bool const meridian : {false, true})
        for (auto const& check : check_geometry(good_header(telescope, meridian), telescope))
            EXPECT_EQ(check.verdict, MsVerdict::good) << check.name << ": " << check.sentence;
}

TEST(MsCheck, FindsWhatIsWrongInTables)
{
    struct Case {
        char const* name;
        MsVerdict verdict;
        std::function<void(MsFacts&)> spoil;
    };
    Case const cases[] = {
        {"version", MsVerdict::fail, [](MsFacts& f) { f.version = 0; }},
        {"version", MsVerdict::fail, [](MsFacts& f) { f.info_type = "Type = "; }},
        {"columns", MsVerdict::fail, [](MsFacts& f) { std::erase(f.columns, "SIGMA"); }},
        {"columns", MsVerdict::fail, [](MsFacts& f) { f.flag_category_keyword = false; }},
        {"subtables", MsVerdict::fail, [](MsFacts& f) { f.subtables[2].rows = 0; }},
        {"subtables", MsVerdict::fail, [](MsFacts& f) { f.subtables[9].trouble = "gone"; }},
        {"frequencies", MsVerdict::fail, [](MsFacts& f) { f.windows[0].ascending = false; }},
        {"frequencies", MsVerdict::fail,
         [](MsFacts& f) {
             f.windows[0] = {768, 1.31, 1.49, true};
         }},
        {"reference-dir", MsVerdict::fail, [](MsFacts& f) { f.fields[0].reference_rad[1] += 1e-6; }},
        {"reference-dir", MsVerdict::fail, [](MsFacts& f) { f.fields[0].reference_rad[0] = not_a_number; }},
        {"frequencies", MsVerdict::warn, [](MsFacts& f) { f.windows[0].widths_fit = false; }},
        {"rows", MsVerdict::warn, [](MsFacts& f) { f.all_rows_flagged = true; }},
        {"rows", MsVerdict::fail, [](MsFacts& f) { f.rows = 0; }},
        {"phase-polynomials", MsVerdict::fail, [](MsFacts& f) { f.fields[0].degree = 2; }},
        {"feeds", MsVerdict::warn, [](MsFacts& f) { f.antennas[7].has_feed = false; }},
        {"telescope", MsVerdict::good, [](MsFacts& f) { f.telescope_name = "DSA_110"; }},
        {"mounts", MsVerdict::warn, [](MsFacts& f) { f.antennas[3].mount = "EQUATORIAL"; }},
        {"dishes", MsVerdict::fail, [](MsFacts& f) { f.antennas[3].diameter_m = 0; }},
        {"dishes", MsVerdict::fail, [](MsFacts& f) { f.antennas[3].diameter_m = 25; }},
        {"antennas", MsVerdict::fail, [](MsFacts& f) { f.antennas[50].itrf_m[2] += 0.06; }},
        {"antennas", MsVerdict::good, [](MsFacts& f) { f.antennas[50].itrf_m[2] += 0.04; }},
        {"antennas", MsVerdict::fail, [](MsFacts& f) { f.antennas[50].name = "elsewhere"; }},
        {"DATA", MsVerdict::fail, [](MsFacts& f) { f.samples[0].there = false; }},
        {"MODEL_DATA", MsVerdict::fail,
         [](MsFacts& f) { f.samples[1] = {"MODEL_DATA", true, false, true, true, true}; }},
        {"CORRECTED_DATA", MsVerdict::warn,
         [](MsFacts& f) { f.samples[2] = {"CORRECTED_DATA", true, true, true, true, true}; }},
        {"WEIGHT_SPECTRUM", MsVerdict::fail, [](MsFacts& f) { f.samples[3].fits = false; }},
        {"WEIGHT_SPECTRUM", MsVerdict::fail, [](MsFacts& f) { f.samples[3].any_positive = false; }},
        {"WEIGHT", MsVerdict::warn, [](MsFacts& f) { f.samples[4].any_negative = true; }},
        {"FLAG", MsVerdict::warn, [](MsFacts& f) { f.samples[5].any_positive = false; }},
    };
    auto const telescope = find_telescope("OVRO_MMA");
    for (auto const& c : cases) {
        auto facts = good_facts(telescope);
        c.spoil(facts);
        auto const check = find(check_tables(facts, telescope), c.name);
        EXPECT_EQ(check.verdict, c.verdict) << c.name << ": " << check.sentence;
    }
}

TEST(MsCheck, FindsWhatIsWrongWithUvw)
{
    struct Case {
        char const* name;
        char const* word;
        std::function<void(GroupHeader&)> spoil;
    };
    auto const times = [](double factor) {
        return [factor](GroupHeader& h) {
            for (double& x : h.file_uvw_m) x *= factor;
        };
    };
    Case const cases[] = {
        {"uvw-geometry", "2.000 times", times(2)},
        {"uvw-max", "longer", times(2)},
        {"uvw-geometry", "-1.000 times", times(-1)},
        {"uvw-sense", "mirrored", [](GroupHeader& h) { h.mirrored = true; }},
        {"uvw-geometry", "differ", [](GroupHeader& h) { h.centres[0].direction.dec = Radians(0.93); }},
        {"uvw-range", "lengths", [](GroupHeader& h) { std::fill_n(h.file_uvw_m.begin() + 3, 3, 0.0); }},
        {"uvw-spread", "changes", [](GroupHeader& h) { std::fill_n(h.file_uvw_m.begin() + 3, 3, 900.0); }},
        {"phase-centre", "neither",
         [](GroupHeader& h) {
             h.centres.push_back({PhaseReference::icrs, {Radians(1), Radians(0)}, "off"});
             h.moments[2].centre = 1;
         }},
    };
    auto const telescope = find_telescope("OVRO_MMA");
    for (auto const& c : cases) {
        auto header = good_header(telescope, false);
        c.spoil(header);
        auto const check = find(check_geometry(header, telescope), c.name);
        EXPECT_EQ(check.verdict, MsVerdict::fail) << c.name << " " << c.word << ": " << check.sentence;
        EXPECT_NE(check.sentence.find(c.word), std::string::npos) << check.sentence;
    }
}

TEST(MsCheck, FindsAFieldOffTheMeridianOrItsDeclination)
{
    auto const telescope = find_telescope("OVRO_MMA");
    for (double const off_rad : {-90 * arcsec_rad, 90 * arcsec_rad}) {
        auto higher = good_header(telescope, true), later = higher;
        auto& up = higher.centres[2].direction.dec;
        up = Radians(up.value() + off_rad);
        auto& on = later.centres[2].direction.ra;
        on = Radians(on.value() + off_rad);
        for (auto const& header : {higher, later})
            EXPECT_EQ(find(check_geometry(header, telescope), "phase-centre").verdict, MsVerdict::fail);
    }
}

TEST(MsCheck, WhatIsNotKnownIsNoFailure)
{
    auto const telescope = find_telescope("OVRO_MMA");
    auto facts = good_facts(telescope);
    for (auto& antenna : facts.antennas) antenna.diameter_m = 0;
    EXPECT_EQ(find(check_tables(facts, Telescope()), "dishes").verdict, MsVerdict::warn);
    auto header = good_header(telescope, false);
    header.mirrored = true;
    header.site.telescope_name = "LOFAR";
    auto const sense = find(check_geometry(header, Telescope()), "uvw-sense");
    EXPECT_EQ(sense.verdict, MsVerdict::good);
    EXPECT_NE(sense.sentence.find("r2 - r1"), std::string::npos) << sense.sentence;
    header.site.telescope_name = "EVLA";
    EXPECT_EQ(find(check_geometry(header, Telescope()), "uvw-sense").verdict, MsVerdict::fail);
}

TEST(MsCheck, TimesAreThoseThatUvwBelongTo)
{
    auto header = good_header(find_telescope("OVRO_MMA"), false);
    header.offset_s.assign(header.time_mjd_s.size() * header.baselines.size(), 5);
    auto by_centroid = header;
    by_centroid.file_uvw_m.clear();
    GroupMoments const moments(by_centroid, EarthOrientation::load());
    std::vector<Direction> own;
    for (Index m = 0; m < moments.size(); ++m) own.push_back(moments.own_direction(m));
    by_centroid.file_uvw_m = plan_phasing(by_centroid, moments, own).uvw_m;
    EXPECT_NE(choose_times(header), "");
    EXPECT_TRUE(header.offset_s.empty());
    EXPECT_EQ(choose_times(by_centroid), "");
    EXPECT_FALSE(by_centroid.offset_s.empty());
}

TEST(MsCheck, SaysHowManyRowsItLookedAt)
{
    auto const telescope = find_telescope("OVRO_MMA");
    auto facts = good_facts(telescope);
    facts.samples[0].looked = 4;
    EXPECT_NE(find(check_tables(facts, telescope), "DATA").sentence.find("4 of 10 rows"), std::string::npos);
    EXPECT_EQ(find(check_tables(facts, telescope), "WEIGHT").sentence, "initialised");
}

TEST(MsCheck, StrictnessTurnsWarningsIntoFailures)
{
    MsCheckReport report;
    report.checks = {{"a", MsVerdict::good, {}, {}, "", ""}, {"b", MsVerdict::warn, {}, {}, "", ""}};
    EXPECT_EQ(report.verdict(false), MsVerdict::warn);
    EXPECT_EQ(report.verdict(true), MsVerdict::fail);
    report.checks.pop_back();
    EXPECT_EQ(report.verdict(true), MsVerdict::good);
}

}  // namespace
}  // namespace nocturne
