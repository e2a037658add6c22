// Lists of point sources. Enters: a CSV file. Leaves: sources with ICRS directions and intrinsic fluxes.
#pragma once

#include "nocturne/units.hpp"

#include <string>
#include <vector>

namespace nocturne {

constexpr double source_reference_hz = 1.4e9;  ///< flux_jy is the flux density here

struct Source {
    std::string name;
    Direction direction;  ///< ICRS
    double flux_jy = 0;   ///< intrinsic Stokes I at 1.4 GHz
    double spix = 0;      ///< S(f) = flux_jy (f / 1.4 GHz)^spix

    double flux_at(double freq_hz) const;
};

/// Reads columns name, ra_deg, dec_deg, flux_jy, spix in any order by their header line; name and spix may be missing,
/// columns that nobody knows are ignored. Lines that are empty or start with # are skipped. Throws Error(input_missing) or
/// Error(bad_config) with the line's number.
std::vector<Source> read_sources(std::string const& path);

/// The same columns, fluxes to 1e-9 Jy, angles to 1e-10 degrees.
std::string sources_csv(std::vector<Source> const& sources);

}  // namespace nocturne
