// Lists of sources: points, Gaussians, disks. Enters: a CSV file. Leaves: sources with ICRS directions and intrinsic fluxes.
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
    /// Of a Gaussian: widths at half maximum, angle of the major axis from north through east; widths of 0: a point.
    double major_rad = 0, minor_rad = 0, pa_rad = 0;
    bool disk = false;  ///< uniform within an ellipse, not a Gaussian: the widths are its diameters

    double flux_at(double freq_hz) const;
};

/// Of a file, or of the list itself where the text has lines. Reads columns name, ra_deg, dec_deg, flux_jy, spix, major_arcsec, minor_arcsec, pa_deg, shape (point, gaussian, disk) in any order by their header line; only the
/// place and the flux must be there, columns that nobody knows are ignored. A major axis alone is that of a circle. Lines that are empty or start with # are skipped. Throws Error(input_missing) or
/// Error(bad_config) with the line's number.
std::vector<Source> read_sources(std::string const& path_or_text);

/// The same columns, fluxes to 1e-9 Jy, angles to 1e-10 degrees.
std::string sources_csv(std::vector<Source> const& sources);

}  // namespace nocturne
