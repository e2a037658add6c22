// What is known of a group before a visibility is read: its axes, antennas, baselines, phase reference, files.
#pragma once

#include "nocturne/units.hpp"
#include "nocturne/vis.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nocturne {

struct Antenna {
    std::string name;
    int number = 0;                      ///< as in the file's antenna_numbers
    std::array<double, 3> position_m{};  ///< ECEF (ITRF) axes, relative to the site
    double diameter_m = 0;               ///< 0 = unknown
    std::string mount{};  ///< a Measurement Set's word for it: "ALT-AZ", "EQUATORIAL", …; empty = unknown
    /// Receptors in the order of the feed table, "XY", "RL", "X", …, and the angle of each, as pyuvdata and FEED::RECEPTOR_ANGLE
    /// mean it; empty = unknown.
    std::string receptors{};
    std::vector<double> receptor_angle_rad{};
};

/// Two indices into GroupHeader::antennas, ant1 ≤ ant2 (equal: an autocorrelation).
struct Baseline {
    std::int32_t ant1 = 0, ant2 = 0;
};

/// How the visibilities of the files are phased.
enum class PhaseReference {
    meridian,  ///< fringe-stopped at hour angle 0 and an apparent declination, at the middle of each integration
    unphased,  ///< not fringe-stopped: phase 0 towards no direction (w not applied); drift files of HERA, MWA
    icrs,      ///< one ICRS direction
    horizon,   ///< one azimuth and altitude (pyuvdata's `driftscan`)
};

/// What is tracked for a while.
struct PhaseCentre {
    PhaseReference kind = PhaseReference::icrs;
    /// icrs: ICRS; meridian: .dec apparent; horizon: .ra azimuth (from north through east), .dec altitude.
    Direction direction;
    std::string name;  ///< of the source or field; may be empty
    /// Near field: the delays were stopped on a point at a finite distance in this direction, and only stopped_w_m knows them. Data
    /// that stay there keep their curvature; moved ones lose it.
    bool near = false;
};

/// A time with what was tracked then.
struct Moment {
    double time_mjd_s = 0;    ///< UTC, middle of the integration
    std::int32_t centre = 0;  ///< index into GroupHeader::centres
    std::int32_t scan = 0;    ///< scan number of a Measurement Set; 0 = none is known
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

struct SetLayout;

/// Axes are those of VisBlock: [integration][baseline][channel][correlation]. A group is rectangular: every baseline has
/// every time (rows that no file has are padding, see `present`). Where baselines have times of their own (baseline-dependent
/// averaging, several phase centres at one time) it is ragged: integration i of a baseline is its i-th sample in time, and
/// `moment_of` says when that was.
struct GroupHeader {
    std::string group_id;
    Site site;
    std::vector<PhaseCentre> centres = {PhaseCentre{}};  ///< all that moments refer to; at least one
    /// One per integration, or (ragged) all that occur; empty: one per integration, with centre 0.
    std::vector<Moment> moments;
    /// Ragged: [integration][baseline] index into moments, −1 where there is no sample; else empty.
    std::vector<std::int32_t> moment_of;
    std::vector<std::uint8_t> present;  ///< [integration][baseline] 1: a file has this row; empty: all are there
    std::vector<double> exposure_s;     ///< [integration][baseline] where they differ from integration_s; else empty
    /// [integration][baseline] by how much the time that a sample's visibility and uvw belong to is later than its moment's (times
    /// of rows that jitter, TIME_CENTROID of averaged rows); empty: nowhere by more than 20 µs.
    std::vector<double> offset_s;
    /// [integration][baseline][3] as read, in UVH5's sign; empty: antenna positions decide.
    std::vector<double> file_uvw_m;
    /// From a Measurement Set whose UVW are r2 − r1 (LOFAR, OSKAR), not r1 − r2 (CASA, pyuvdata): V is DATA there, not its
    /// conjugate, and a Measurement Set written of this group is so again.
    bool mirrored = false;
    /// [integration][baseline] w that phased data were stopped with, as the files say it in double precision: the old w of a
    /// sample that is moved (NaN: its centre says it). Where `old_phasing`, samples that stay are corrected by it too.
    std::vector<double> stopped_w_m;
    bool old_phasing = false;  ///< phased by pyuvdata before 2.2, whose w are not those of the apparent direction
    /// [moment] where the dishes looked, ICRS, where the files say so; empty: where the visibilities are phased to.
    std::vector<Direction> pointings;
    std::vector<double> freq_hz;           ///< channel centres, ascending, the whole band (missing subbands too)
    std::vector<double> channel_width_hz;  ///< positive
    std::vector<std::int64_t>
        window_first;                ///< channels inside a subband at which another spectral window of its file begins
    std::vector<double> time_mjd_s;  ///< UTC, middle of each integration, ascending (ragged: mean over the baselines)
    std::vector<double> integration_s;  ///< per integration
    std::vector<Correlation> correlations;
    std::vector<Antenna> antennas;    ///< every antenna of the telescope, by rising number
    std::vector<Baseline> baselines;  ///< in the file's order of its first integration
    std::vector<Subband> subbands;    ///< present and missing
    int expected_subbands = 0;
    std::string history;                   ///< what the first UVH5 file says of its own past
    std::shared_ptr<SetLayout const> set;  ///< the Measurement Set that this was read from; null: UVH5 files

    std::int64_t n_present() const
    {
        std::int64_t n = 0;
        for (auto const& s : subbands) n += s.n_channels > 0;
        return n;
    }
    bool ragged() const { return !moment_of.empty(); }
    /// `moments`, made where it is empty.
    std::vector<Moment> all_moments() const;
    double mid_time_mjd_s() const { return 0.5 * (time_mjd_s.front() + time_mjd_s.back()); }
};

inline std::vector<Moment> GroupHeader::all_moments() const
{
    if (!moments.empty()) return moments;
    std::vector<Moment> made;
    made.reserve(time_mjd_s.size());
    for (double time : time_mjd_s) made.push_back({time, 0, 0});
    return made;
}

}  // namespace nocturne
