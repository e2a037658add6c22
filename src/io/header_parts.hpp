// The parts of which `read_file_header` is made. For src/io alone.
#pragma once

#include "io/header_fields.hpp"
#include "io/uvh5_header.hpp"

namespace nocturne {

/// What the visibilities are phased to, from phase_center_catalog or the legacy phase_type, into `header`. Needs
/// header.site. DSA-110's drift files (epoch HADEC) are fringe-stopped on the meridian at the apparent declination
/// extra_keywords/phase_center_dec; drift files of others are not fringe-stopped. Error(bad_input) on several centres,
/// moving centres and frames other than ICRS and FK5 (equal to 25 mas at J2000, which is noted).
void read_phase_reference(hdf5::Fields const& fields, FileHeader& header);

/// Sorts rows onto integrations × baselines. Error(bad_input) on unknown antennas, a row that appears twice,
/// integration times that differ within one integration (baseline-dependent averaging), and where integrations ×
/// baselines exceeds twice the rows.
std::shared_ptr<RowMap const> map_rows(Rows rows, std::vector<Antenna> const& antennas);

/// `read_file_header` of a file that is open already; the caller adds the path to errors.
FileHeader read_open_file_header(hid_t file, std::string const& path, std::uint64_t bytes, FileHeader const* like);

}  // namespace nocturne
