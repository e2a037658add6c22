// Catalogues of sources from astronomers' tables. Enters: CSV, FITS or VOTable files, which columns hold what. Leaves: one SQLite
// catalogue.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

struct CatalogueRequest {
    std::vector<std::string> inputs;
    std::string out;
    std::string name, ra, dec, flux, spix;  ///< columns; empty: the first of the usual names
    std::string flux_unit;                  ///< Jy, mJy or uJy; empty: the column's, else its survey's, else Jy
    std::vector<std::string> surveys;       ///< of all, or of each input: of published_surveys; else by the columns
    std::optional<double> freq_hz;          ///< of the fluxes; none: that of each table's survey, else 1.4 GHz
    std::optional<double> default_spix;  ///< where there is no column or no value; none: −0.7, within 5 % of 1.4 GHz 0
    double least_dec_deg = -90, most_dec_deg = 90;
    double least_jy = 0;       ///< fainter ones, at 1.4 GHz, are left out
    double match_arcsec = 20;  ///< a source so near one of an input before its own is that one
};

struct CatalogueMade {
    std::size_t sources = 0, incomplete = 0, faint = 0;  ///< written; rows without position or flux; below least_jy
    std::size_t outside = 0;                             ///< of the declinations asked for
    std::size_t known = 0;                               ///< that an input before had, and left out
    std::vector<std::string> warnings;                   ///< that a user should know
    std::vector<std::string>
        columns;  ///< "flux: Total_flux in mJy": what was taken for what, "none" where there is none
};

/// Throws Error(bad_input) where a file has no column for a position or a flux, or a value is no number or out of range, with file, column
/// and row; Error(usage) where there are several surveys and not as many inputs.
CatalogueMade build_catalogue(CatalogueRequest const& request);

}  // namespace nocturne
