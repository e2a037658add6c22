// Building catalogues: usual columns are found, units and frequencies are turned into Jy at 1.4 GHz, bad values named.
#include "driver/catalogue_build.hpp"
#include "driver/flux_scale.hpp"

#include "nocturne/error.hpp"
#include "nocturne/text.hpp"
#include "sky/catalogue.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace nocturne {
namespace {

std::string write(std::string const& name, std::string const& text)
{
    auto const path = ::testing::TempDir() + name;
    std::ofstream(path) << text;
    return path;
}

TEST(CatalogueBuild, JoinsTablesOfDifferentHabits)
{
    CatalogueRequest request;
    request.inputs = {write("mine.csv", "name,ra_deg,dec_deg,flux_jy,spix\nA,10,20,2,-1\nB,,20,2,\n"),
                      write("nvss.csv", "NVSS,RAJ2000,DEJ2000,Flux_mJy\nC,359.9,-89.5,+150\nD,1,1,3\n")};
    request.out = ::testing::TempDir() + "joined.sqlite";
    request.freq_hz = 2.8e9;
    request.default_spix = -0.5;
    request.least_jy = 0.1;
    auto const made = build_catalogue(request);
    EXPECT_EQ(made.sources, 2U);
    EXPECT_EQ(made.incomplete, 1U);
    EXPECT_EQ(made.faint, 1U);
    auto const near = sources_around(request.out, {degrees(10), degrees(20)}, degrees(0.01));
    ASSERT_EQ(near.size(), 1U);
    EXPECT_NEAR(near[0].flux_jy, 4, 1e-12);  // half the frequency, index −1
    EXPECT_EQ(near[0].name, "A");
    auto const pole = sources_around(request.out, {degrees(100), degrees(-90)}, degrees(1));
    ASSERT_EQ(pole.size(), 1U);
    EXPECT_NEAR(pole[0].flux_jy, 0.15 * std::sqrt(2.0), 1e-12);
    std::filesystem::remove(request.out);
}

/// Half a second of arc apart, across RA 0 h; the two of one table are two.
TEST(CatalogueBuild, ASourceOfTwoTablesIsOne)
{
    CatalogueRequest request;
    request.inputs = {write("one.csv", "name,ra,dec,flux,SI\nA,0.0001,20,8,-0.7\nB,359.9995,20,2,0\nC,10,-20,1,0\n"),
                      write("two.csv", "name,ra,dec,flux\nA2,359.99996,20.00001,8.1\nD,30,20,3\nC2,10,-20.1,1\n")};
    request.out = ::testing::TempDir() + "both.sqlite";
    auto const made = build_catalogue(request);
    EXPECT_EQ(made.known, 1U);
    EXPECT_EQ(made.sources, 5U);
    auto const near = sources_around(request.out, {degrees(0), degrees(20)}, degrees(0.01));
    ASSERT_EQ(near.size(), 2U);
    EXPECT_NEAR(near[0].flux_jy + near[1].flux_jy, 10, 1e-12);
    EXPECT_NEAR(near[0].spix + near[1].spix, -0.7, 1e-12);
    request.match_arcsec = 0;
    EXPECT_EQ(build_catalogue(request).sources, 6U);
    std::filesystem::remove(request.out);
}

/// Units in headings, as spreadsheets have them; what was taken for what is told.
TEST(CatalogueBuild, UnitsOfPositionsAndFluxesAreRead)
{
    auto const place = [](std::string const& text) {
        CatalogueRequest request;
        request.inputs = {write("units.csv", text)};
        request.out = ::testing::TempDir() + "units.sqlite";
        auto const made = build_catalogue(request);
        EXPECT_EQ(made.columns.size(), 5U);
        auto const all = sources_of_strip(request.out, degrees(-90), degrees(90));
        EXPECT_EQ(all.size(), 1U);
        return all.at(0);
    };
    auto const radians = place("RA (rad),Dec [rad],S1400 (mJy),SPINDEX\n0.17453292519943295,-0.5,1500,-0.7\n");
    EXPECT_NEAR(radians.direction.ra.value() / degree_rad, 10, 1e-9);
    EXPECT_NEAR(radians.direction.dec.value(), -0.5, 1e-12);
    EXPECT_NEAR(radians.flux_jy, 1.5, 1e-12);
    EXPECT_NEAR(radians.spix, -0.7, 1e-12);
    auto const hours = place("ra(hours),dec(arcmin),flux_mjy\n1.5,60,3\n");
    EXPECT_NEAR(hours.direction.ra.value() / degree_rad, 22.5, 1e-9);
    EXPECT_NEAR(hours.direction.dec.value() / degree_rad, 1, 1e-9);
    EXPECT_NEAR(hours.flux_jy, 3e-3, 1e-12);
    EXPECT_THROW(place("ra (furlongs),dec,flux\n1,2,3\n"), Error);
}

/// Columns that surveys publish in mJy, in tables that say no unit; a program's own list with such a name is in Jy.
TEST(CatalogueBuild, FluxesOfSurveysAreInTheirUnit)
{
    auto const flux = [](std::string const& heading, std::string const& unit = "") {
        CatalogueRequest request;
        request.inputs = {write("survey.csv", heading + "\n10,20,1500,X\n")};
        request.out = ::testing::TempDir() + "survey.sqlite";
        request.flux_unit = unit;
        auto const made = build_catalogue(request);
        auto const said = join(made.columns, "; ");
        auto const source = sources_of_strip(request.out, degrees(-90), degrees(90)).at(0);
        EXPECT_EQ(said.find(" publishes it") != std::string::npos, unit.empty() && source.flux_jy < 5) << said;
        EXPECT_EQ(said.find("none, -0.7 (--default-spix)") != std::string::npos, source.spix != 0) << said;
        return source.flux_jy;
    };
    struct {
        char const* heading;
        double mhz;
    } const tables[] = {{"RAJ2000,DEJ2000,S1.4,NVSS", 1400},        {"RA,DEC,FINT,NAME", 1400},
                        {"ra,dec,total_flux_source,id", 887.5},     {"RAJ2000,DEJ2000,Stotal,ID", 147.5},
                        {"RA,DEC,Total_flux,Component_name", 3000}, {"RA,DEC,St,Sp", 843}};
    for (auto const& [heading, mhz] : tables) {
        EXPECT_NEAR(flux(heading), 1.5 * std::pow(mhz / 1400, 0.7), 1e-9) << heading;
        EXPECT_NEAR(flux(heading, "Jy"), 1500 * std::pow(mhz / 1400, 0.7), 1e-6) << heading;
    }
    EXPECT_NEAR(flux("RA,DEC,Total_flux,Source_name"), 1.5 * std::pow(145.75 / 1400, 0.7), 1e-9);
    EXPECT_NEAR(flux("RA,DEC,Total_flux,Source_name", "Jy"), 1500, 1e-9) << "anybody's";
    EXPECT_NEAR(flux("RA,DEC,Total_flux,Source_id"), 1500, 1e-9) << "PyBDSF's";
    EXPECT_NEAR(flux("ra,dec,flux,name"), 1500, 1e-9);
}

/// A source of index −0.7 that TGSS, LoTSS, RACS, NVSS and VLASS have is one flux at 1.4 GHz; each table has its own frequency.
TEST(CatalogueBuild, EachTableIsOfTheFrequencyOfItsSurvey)
{
    auto const mjy = [](double mhz) { return "," + std::to_string(1000 * std::pow(mhz / 1400, -0.7)); };
    CatalogueRequest request;
    request.inputs = {write("t.csv", "Source_name,RA,DEC,Total_flux,Mosaic_name\nT,10,20" + mjy(147.5) + ",M\n"),
                      write("l.csv", "Source_Name,RA,DEC,Total_flux (mJy),Mosaic_ID\nL,20,20" + mjy(144) + ",M\n"),
                      write("r.csv", "id,ra,dec,total_flux_source\nR,30,20" + mjy(887.5) + "\n"),
                      write("v.csv", "Component_name,RA,DEC,Total_flux\nV,40,20" + mjy(3000) + "\n"),
                      write("n.csv", "NVSS,_RAJ2000,_DEJ2000,S1.4\nN,50,60" + mjy(1400) + "\n")};
    request.out = ::testing::TempDir() + "surveys.sqlite";
    auto const made = build_catalogue(request);
    EXPECT_TRUE(made.warnings.empty());
    auto const all = sources_of_strip(request.out, degrees(-90), degrees(90));
    EXPECT_EQ(all.size(), 5U);
    for (auto const& source : all) {
        EXPECT_NEAR(source.flux_jy, 1, 1e-6) << source.name;
        EXPECT_EQ(source.spix, source.name == "N" ? 0 : -0.7) << source.name;
    }
    EXPECT_NE(join(made.columns, "; ").find("Total_flux in mJy at 147.5 MHz, as TGSS publishes it"), std::string::npos)
        << join(made.columns, "; ");
    request.freq_hz = 1.4e9;  // what is said stands before what is known
    build_catalogue(request);
    EXPECT_GT(sources_of_strip(request.out, degrees(-90), degrees(90)).at(0).flux_jy, 4);
    request.freq_hz.reset();
    request.default_spix = 0;
    build_catalogue(request);
    EXPECT_GT(sources_of_strip(request.out, degrees(-90), degrees(90)).at(0).flux_jy, 4);
}

TEST(CatalogueBuild, AnAmbiguousTableIsWarnedOf)
{
    CatalogueRequest request;
    request.inputs = {write("either.csv", "Source_name,RA,DEC,Total_flux\nT,10,20,1000\n")};
    request.out = ::testing::TempDir() + "either.sqlite";
    EXPECT_NE(join(build_catalogue(request).warnings).find("say --survey"), std::string::npos);
    request.surveys = {"lotss"};
    EXPECT_TRUE(build_catalogue(request).warnings.empty());
    EXPECT_NEAR(sources_of_strip(request.out, degrees(-90), degrees(90)).at(0).flux_jy, std::pow(144. / 1400, 0.7),
                1e-9);
}

/// One for each input, else for all; columns of another are warned of, and units that a heading says stand.
TEST(CatalogueBuild, EachInputMayHaveItsSurvey)
{
    CatalogueRequest request;
    request.inputs = {write("nv.csv", "NVSS,RA,DEC,S1.4\nN,50,60,1000\n"),
                      write("amb.csv", "Source_name,RA,DEC,Total_flux\nT,10,20,1000\n")};
    request.out = ::testing::TempDir() + "each.sqlite";
    auto const flux = [&](std::vector<std::string> const& surveys, char const* name) {
        request.surveys = surveys;
        auto const made = build_catalogue(request);
        EXPECT_EQ(made.warnings.empty(), surveys.size() == 2) << join(made.warnings);
        for (auto const& source : sources_of_strip(request.out, degrees(-90), degrees(90)))
            if (source.name == name) return source.flux_jy;
        return 0.0;
    };
    double const tgss = std::pow(147.5 / 1400, 0.7);
    for (auto const& two : {std::vector<std::string>{"nvss", "tgss"}, {"auto", "tgss"}}) {
        EXPECT_NEAR(flux(two, "N"), 1, 1e-9);
        EXPECT_NEAR(flux(two, "T"), tgss, 1e-9);
    }
    EXPECT_NEAR(flux({"tgss"}, "N"), tgss, 1e-9) << "what is said stands, with a warning";
    EXPECT_NEAR(flux({"nvss"}, "T"), 1, 1e-9);
    auto const warnings_of = [&](char const* heading, char const* survey) {
        request.inputs = {write("of.csv", std::string(heading) + "\n10,20,1000,X\n")};
        request.surveys = {survey};
        return build_catalogue(request).warnings.size();
    };
    EXPECT_EQ(warnings_of("ra,dec,flux_20_cm,name", "tgss"), 1U);
    EXPECT_EQ(warnings_of("ra,dec,flux_20_cm,name", "first"), 0U);
    EXPECT_EQ(warnings_of("ra,dec,total_flux,source_name", "vlass"), 1U);
    EXPECT_EQ(warnings_of("ra,dec,total_flux,source_name", "lotss"), 0U);
    EXPECT_EQ(warnings_of("ra,dec,total_flux_source,name", "racs-mid"), 0U);
    EXPECT_EQ(warnings_of("ra,dec,total_flux_source,name", "nvss"), 1U);
    EXPECT_EQ(warnings_of("ra,dec,flux,name", "nvss"), 0U);
    request.inputs = {write("three.csv", "name,ra,dec,flux\nA,1,2,3\n")};
    request.surveys = {"nvss", "tgss"};
    EXPECT_THROW(build_catalogue(request), Error);
    request.inputs = {write("said.csv", "name,ra,dec,flux_jy\nA,1,2,3\n")};
    request.surveys = {"tgss"};
    build_catalogue(request);
    EXPECT_NEAR(sources_of_strip(request.out, degrees(-90), degrees(90)).at(0).flux_jy, 3 * tgss, 1e-9);
}

/// A form that no names of columns tell; declinations beyond the strip are left out and counted.
TEST(CatalogueBuild, ASurveyAndAStripCanBeAskedFor)
{
    CatalogueRequest request;
    request.inputs = {write("mid.csv", "name,ra,dec,flux\nA,10,-31,1000\nB,10,-30,1000\nC,10,40,1000\nD,10,41,1\n")};
    request.out = ::testing::TempDir() + "strip.sqlite";
    request.surveys = {"racs-high"};
    request.least_dec_deg = -30, request.most_dec_deg = 40;
    auto const made = build_catalogue(request);
    EXPECT_EQ(made.sources, 2U);
    EXPECT_EQ(made.outside, 2U);
    auto const all = sources_of_strip(request.out, degrees(-90), degrees(90));
    EXPECT_NEAR(all.at(0).flux_jy, std::pow(1655.5 / 1400, 0.7), 1e-9);
    for (auto const& survey : published_surveys()) EXPECT_EQ(lower(survey), survey);
}

TEST(CatalogueBuild, OfTwoPositionsThatInDegreesIsTaken)
{
    CatalogueRequest request;
    request.inputs = {
        write("vizier.csv", "_RAJ2000,_DEJ2000,RAJ2000,DEJ2000,flux_jy\n187.5,-12.5,12 30 00.0,-12 30 00,2\n")};
    request.out = ::testing::TempDir() + "vizier.sqlite";
    auto const made = build_catalogue(request);
    EXPECT_EQ(made.columns.at(1), "right ascension: _RAJ2000 in deg");
    auto const all = sources_of_strip(request.out, degrees(-90), degrees(90));
    EXPECT_NEAR(all.at(0).direction.ra.value() / degree_rad, 187.5, 1e-9);
    EXPECT_NEAR(all.at(0).direction.dec.value() / degree_rad, -12.5, 1e-9);
}

TEST(CatalogueBuild, SaysWhichColumnOrRowIsWrong)
{
    auto const refusal = [](std::string const& text) -> std::string {
        CatalogueRequest request;
        request.inputs = {write("wrong.csv", text)};
        request.out = ::testing::TempDir() + "wrong.sqlite";
        try {
            build_catalogue(request);
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::bad_input);
            EXPECT_FALSE(std::filesystem::exists(request.out));
            return error.what();
        }
        return "";
    };
    EXPECT_NE(refusal("ra,dec\n1,2\n").find("no column for the flux"), std::string::npos);
    EXPECT_NE(refusal("ra,dec,flux\n1,2,3\n12:30:00,2,3\n").find("row 2"), std::string::npos);
    EXPECT_NE(refusal("ra,dec,flux\n1,95,3\n").find("beyond"), std::string::npos);
    EXPECT_NE(refusal("ra,dec,flux\n,2,3\n").find("no source"), std::string::npos);
}

}  // namespace
}  // namespace nocturne
