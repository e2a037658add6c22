// What the numbers of a table's flux column mean. Enters: a table of sources, its flux column, what a user says of it. Leaves: their unit and
// frequency, and the words for both.
#pragma once

#include "io/source_table.hpp"
#include "sky/catalogue.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

/// A column's name in lower case, and its unit: "S1400 (mJy)", "RA [deg]" and "flux_jy" say it themselves, where the table says none elsewhere.
struct Heading {
    std::string name, unit;

    explicit Heading(SourceColumn const& column);
};

/// What a user says of fluxes; empty: what the table says, else its survey.
struct FluxWish {
    std::string unit = {};    ///< Jy, mJy or uJy
    std::string survey = {};  ///< one of published_surveys()
    std::optional<double> freq_hz = {}, default_spix = {};
};

/// How values of a flux column become Jy at a frequency.
struct FluxScale {
    double janskys = 1, freq_hz = source_reference_hz, default_spix = 0;
    std::string text = {};                   ///< "mJy at 147.5 MHz, as TGSS publishes it"
    std::vector<std::string> warnings = {};  ///< that a user should know
};

/// Throws Error(bad_input) where the unit is none of flux density.
FluxScale flux_scale_of(SourceTable const& table, SourceColumn const& flux, FluxWish const& wish);

/// Surveys whose frequency and unit are known: "nvss", "tgss", …
std::vector<std::string> published_surveys();

}  // namespace nocturne
