// Catalogues of sources as SQLite files with an index on the sky. Enters: sources, or a file and a direction. Leaves: the file, or the
// sources around the direction.
#pragma once

#include "sky/sources.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// Height of a zone of declination: sources are indexed by (zone, right ascension), as in Gray, Nieto-Santisteban & Szalay 2007
/// (MSR-TR-2006-52), "The zones algorithm".
constexpr double zone_deg = 0.1;

/// Table source(zone, ra_deg, dec_deg, flux_jy, spix, name), ICRS, flux densities at 1.4 GHz, clustered by (zone, ra_deg); table about
/// with `note`. Made under a temporary name and renamed, so a file of that name is whole. Throws Error(cannot_create) or Error(io).
void write_catalogue(std::string const& path, std::vector<Source> const& sources, std::string const& note);

/// Sources of an SQLite catalogue, or of a CSV (`read_sources`; told apart by the first bytes of the file), within `radius` of `centre`
/// by true separation; across RA 0 h and over the poles. Of an SQLite catalogue only the zones that the circle touches are read. Those
/// fainter than `least_flux_jy` (1.4 GHz, intrinsic) are left out. Throws Error(input_missing) where it is not there,
/// Error(bad_input) where it is no catalogue.
std::vector<Source> sources_around(std::string const& path, Direction centre, Radians radius, double least_flux_jy = 0);

/// The same with declinations of `low` to `high`; of an SQLite catalogue only their zones are read.
std::vector<Source> sources_of_strip(std::string const& path, Radians low, Radians high);

}  // namespace nocturne
