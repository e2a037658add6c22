// The parts of which `read_file_header` is made. For src/io alone.
#pragma once

#include "io/header_fields.hpp"
#include "io/uvh5_header.hpp"

namespace nocturne {

constexpr double own_time_s = 20e-6;  ///< a JD in double resolves 40 µs
constexpr double earth_rad_per_s = 7.3e-5;

/// Frequencies, widths and correlations. Needs header.stored_channels and stored_correlations. Spectral windows in any order
/// are sorted; where they hold one correlation each (flex_spw_polarization_array) they are put side by side. A frequency may
/// occur twice only in two windows. Error(bad_input).
void read_band(hdf5::Fields const& fields, FileHeader& header);

/// Mount, receptors and their angles of antennas in the order of the file. Files without feed_array and feed_angle: what x_orientation
/// says, else what pyuvdata knows of the telescope, else nothing. Error(bad_input).
void read_feeds(hdf5::Fields const& fields, std::string const& telescope, std::vector<Antenna>& antennas);

/// Puts the same correlations in another order into that of `like`.
void order_correlations(std::vector<Correlation> const& like, FileHeader& header);

/// What the visibilities are phased to, from phase_center_catalog or the legacy phase_type, into header.centres and
/// rows.centre. Needs header.site and the times of the rows. Sidereal centres and ephemerides become ICRS directions (one per
/// time where they move), `driftscan` a direction on the horizon. Drift files and entries of type unprojected are not
/// fringe-stopped, but DSA-110's (epoch HADEC) are: on the meridian at the apparent declination
/// extra_keywords/phase_center_dec. Fills rows.w_m where phased rows have a uvw_array in double precision. Error(bad_input) on near-field
/// centres and on frames that are not known.
void read_phase_reference(hdf5::Fields const& fields, FileHeader& header, Rows& rows);

/// Of the same kind and in the same direction.
bool same_place(PhaseCentre const& a, PhaseCentre const& b);

/// Numbers the centres of the rows as in `like`, where that has all of them; files list them in the order of their rows.
void order_centres(std::vector<PhaseCentre> const& like, FileHeader& header, Rows& rows);

/// Sorts rows onto integrations × baselines: onto the times of the file where that is at most twice the rows and every time
/// has one centre and no baseline twice, else (ragged) each baseline's samples by their order in time. Error(bad_input) on
/// unknown antennas, and where the ragged grid exceeds 32 times the rows. Baselines are numbered by the first time, or as in `like`
/// (may be null) where that has the same ones.
std::shared_ptr<RowMap const> map_rows(Rows rows, std::vector<Antenna> const& antennas, RowMap const* like = nullptr);

/// `read_file_header` of a file that is open already; the caller adds the path to errors.
FileHeader read_open_file_header(hid_t file, std::string const& path, std::uint64_t bytes, FileHeader const* like);

}  // namespace nocturne
