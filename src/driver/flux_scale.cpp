#include "driver/flux_scale.hpp"

#include "nocturne/error.hpp"
#include "nocturne/short_number.hpp"
#include "nocturne/text.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

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

/// Flux densities (total, peak) whose unit is mJy where a table says none: the surveys publish them so (VizieR VIII/65, VIII/81, VIII/92,
/// J/A+A/598/A78; HEASARC; CASDA; CIRADA). PyBDSF's own Total_flux is in Jy, in tables without names.
struct Published {
    PublishedSurvey const& survey;
    char const *flux, *beside = nullptr, *also = nullptr;  ///< where such columns are there, too
};
Published const in_mjy[] = {{surveyed::nvss, "s1.4"},
                            {surveyed::heasarc, "flux_20_cm"},
                            {surveyed::first, "fint"},
                            {surveyed::first, "fpeak"},
                            {surveyed::sumss, "st", "sp"},
                            {surveyed::racs_low, "total_flux_source"},
                            {surveyed::tgss, "stotal"},
                            {surveyed::tgss, "speak"},
                            {surveyed::vlass, "total_flux", "component_name"},
                            {surveyed::lotss, "total_flux", "source_name", "mosaic_id"},
                            {surveyed::tgss, "total_flux", "source_name", "mosaic_name"},
                            {surveyed::tgss_or_lotss, "total_flux", "source_name"}};

/// Of sources at 1.4 GHz, where nobody says theirs.
constexpr double usual_index = -0.7;

/// Whose columns these are, nullptr where nothing is known to have such. What may be anybody's is a survey's in the surveys' unit alone.
PublishedSurvey const* survey_of(SourceTable const& table, Heading const& flux, std::string const& unit)
{
    auto const has = [&](char const* name) {
        return !name || std::any_of(table.columns.begin(), table.columns.end(),
                                    [&](auto const& column) { return Heading(column).name == name; });
    };
    for (auto const& one : in_mjy)
        if (flux.name == one.flux && has(one.beside) && has(one.also)) {
            bool const anybodys = &one.survey == &surveyed::tgss_or_lotss;
            return anybodys && !unit.empty() && !unit.starts_with("mjy") ? nullptr : &one.survey;
        }
    return nullptr;
}

PublishedSurvey const* survey_named(std::string const& key)
{
    for (auto const* one : surveys)
        if (key == one->key) return one;
    return nullptr;
}

/// Whether a table with the columns of one is not of another. Forms of RACS have the same columns, and some columns may be of two surveys.
bool contradict(PublishedSurvey const* columns, PublishedSurvey const* said)
{
    if (!columns || !said || columns == said) return false;
    using namespace surveyed;
    if (columns == &heasarc) return said != &nvss && said != &first;
    if (columns == &tgss_or_lotss) return said != &tgss && said != &lotss;
    return columns != &racs_low || (said != &racs_mid && said != &racs_high);
}

double janskys(std::string const& unit, std::string const& column, bool surveyed)
{
    if (unit.starts_with("mjy")) return 1e-3;
    if (unit.starts_with("ujy") || unit.starts_with("microjy")) return 1e-6;
    if (unit.starts_with("jy")) return 1;
    if (unit.empty()) return surveyed ? 1e-3 : 1;
    throw Error(Code::bad_input, "column " + column + " is in " + unit, "that is no unit of flux density known here",
                "give its unit: Jy, mJy or uJy");
}

}  // namespace

Heading::Heading(SourceColumn const& column) : name(lower(column.name)), unit(lower(column.unit))
{
    auto const open = name.find_first_of("([");
    if (open != std::string::npos && open > 0 && (name.back() == ')' || name.back() == ']')) {
        if (unit.empty()) unit = name.substr(open + 1, name.size() - open - 2);
        name.resize(open);
        while (!name.empty() && (name.back() == ' ' || name.back() == '_')) name.pop_back();
    }
    for (auto const* ending : {"mjy", "ujy", "jy"})
        if (unit.empty() && name.ends_with(ending)) unit = ending;
}

FluxScale flux_scale_of(SourceTable const& table, SourceColumn const& flux, FluxWish const& wish)
{
    Heading const heading(flux);
    auto const unit = wish.unit.empty() ? heading.unit : lower(wish.unit);
    auto const *const by_columns = survey_of(table, heading, unit), *const said = survey_named(wish.survey);
    auto const* const survey = said ? said : by_columns;
    FluxScale scale;
    scale.janskys = janskys(unit, flux.name, survey != nullptr);
    scale.freq_hz = wish.freq_hz.value_or(survey ? 1e6 * survey->mhz : source_reference_hz);
    bool const near = std::abs(scale.freq_hz / source_reference_hz - 1) < 0.05;
    scale.default_spix = wish.default_spix.value_or(near ? 0 : usual_index);
    scale.text = scale.janskys == 1 ? "Jy" : scale.janskys == 1e-3 ? "mJy" : "uJy";
    scale.text += " at " + short_number(scale.freq_hz / 1e6) + " MHz";
    if (survey && unit.empty())
        scale.text +=
            std::string(", as ") + survey->name + " publishes it (the table says no unit; --flux-unit, --freq)";
    else if (survey && !wish.freq_hz)
        scale.text += std::string(", as ") + survey->name + " has it (--freq)";
    if (contradict(by_columns, said))
        scale.warnings.push_back(std::string("column ") + flux.name + " is one of " + by_columns->name +
                                 ", --survey says " + said->name +
                                 ", which is taken; --survey may name one for each input, with commas between");
    if (survey == &surveyed::tgss_or_lotss && !wish.freq_hz)
        scale.warnings.push_back(
            "TGSS is of 147.5 MHz, LoTSS of 144, and no column tells which this is: 145.75 MHz is taken; say --survey");
    return scale;
}

std::vector<std::string> published_surveys()
{
    std::vector<std::string> keys;
    for (auto const* survey : surveys) keys.emplace_back(survey->key);
    return keys;
}

}  // namespace nocturne
