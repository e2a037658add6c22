// What is known of a group before a visibility is read: its axes, antennas, baselines, phase reference, files.
#pragma once

#include "nocturne/units.hpp"
#include "nocturne/vis.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

struct Antenna {
    std::string name;
    int number = 0;                      ///< as in the file's antenna_numbers
    std::array<double, 3> position_m{};  ///< ECEF (ITRF) axes, relative to the site
    double diameter_m = 0;               ///< 0 = unknown
};

/// Two indices into GroupHeader::antennas, ant1 ≤ ant2 (equal: an autocorrelation).
struct Baseline {
    std::int32_t ant1 = 0, ant2 = 0;
};

/// What the visibilities of the files are phased to.
enum class PhaseReference {
    meridian,  ///< fringe-stopped at hour angle 0 and apparent declination `dec`, at the middle of each integration
    unphased,  ///< not fringe-stopped: phase 0 towards no direction (w not applied); drift files of HERA, MWA
    icrs,      ///< one ICRS direction for the whole group
};

struct Site {
    std::string telescope_name;                                  ///< as in the file
    double latitude_rad = 0, longitude_rad = 0, altitude_m = 0;  ///< WGS84
    std::string origin;                                          ///< "header" or the telescope file's path
};

/// One file of the group.
struct Subband {
    int index = 0;  ///< sbNN of the file name
    std::string path;
    std::uint64_t bytes = 0;
    std::string xxh128;                              ///< 32 hex digits of the file's xxh3-128; empty before hashing
    std::int64_t first_channel = 0, n_channels = 0;  ///< on the group's frequency axis; n_channels 0 = missing
};

/// Axes are those of VisBlock: [integration][baseline][channel][correlation].
struct GroupHeader {
    std::string group_id;
    Site site;
    PhaseReference reference = PhaseReference::icrs;
    Direction reference_direction;         ///< icrs: ICRS; meridian: .dec = apparent declination, .ra unused
    std::vector<double> freq_hz;           ///< channel centres, ascending, the whole band (missing subbands too)
    std::vector<double> channel_width_hz;  ///< positive
    std::vector<double> time_mjd_s;        ///< UTC, middle of each integration, ascending
    std::vector<double> integration_s;     ///< per integration
    std::vector<Correlation> correlations;
    std::vector<Antenna> antennas;    ///< every antenna of the telescope, by rising number
    std::vector<Baseline> baselines;  ///< in the file's order of its first integration
    std::vector<Subband> subbands;    ///< present and missing
    int expected_subbands = 0;

    std::int64_t n_present() const
    {
        std::int64_t n = 0;
        for (auto const& s : subbands) n += s.n_channels > 0;
        return n;
    }
    double mid_time_mjd_s() const { return 0.5 * (time_mjd_s.front() + time_mjd_s.back()); }
};

}  // namespace nocturne
