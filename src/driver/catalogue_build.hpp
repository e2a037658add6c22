// Catalogues of sources from astronomers' tables. Enters: CSV, FITS or VOTable files, which columns hold what. Leaves: one SQLite
// catalogue.
#pragma once

#include <string>
#include <vector>

namespace nocturne {

struct CatalogueRequest {
    std::vector<std::string> inputs;
    std::string out;
    std::string name, ra, dec, flux, spix;  ///< columns; empty: the first of the usual names
    std::string flux_unit;                  ///< Jy, mJy or uJy; empty: the column's, else its survey's, else Jy
    double freq_hz = 1.4e9;                 ///< of the fluxes
    double default_spix = 0;                ///< where there is no column or no value
    double least_jy = 0;                    ///< fainter ones, at 1.4 GHz, are left out
    double match_arcsec = 20;               ///< a source so near one of an input before its own is that one
};

struct CatalogueMade {
    std::size_t sources = 0, incomplete = 0, faint = 0;  ///< written; rows without position or flux; below least_jy
    std::size_t known = 0;                               ///< that an input before had, and left out
    std::vector<std::string>
        columns;  ///< "flux: Total_flux in mJy": what was taken for what, "none" where there is none
};

/// Throws Error(bad_input) where a file has no column for a position or a flux, or a value is no number or out of range, with file, column
/// and row.
CatalogueMade build_catalogue(CatalogueRequest const& request);

}  // namespace nocturne
