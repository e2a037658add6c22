// Telescopes: data about an array. Enters: the telescope_name of a file. Leaves: what jobs/telescopes/*.yaml says of it, or a
// default for a telescope that has no file.
#pragma once

#include "nocturne/group.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct Station {
    std::string name;
    double latitude_rad = 0, longitude_rad = 0, altitude_m = 0;  ///< WGS84
};

/// State of files of phase type `drift`.
enum class DriftState { fringe_stopped, unphased };
enum class SiteFrom { header, telescope };
enum class FeedKind { linear, circular };
/// What UVW of a Measurement Set are, r1 and r2 the places of ANTENNA1 and ANTENNA2.
enum class UvwSense { unknown, one_minus_two, two_minus_one };

struct Band {
    int subbands = 1, channels = 1;  ///< files of a group, channels of a file
    double first_channel_hz = 0;     ///< centre of the first channel of sb00
    double channel_width_hz = 0;
    bool descending = false;  ///< over subbands and inside a file

    /// Centres of the channels of `subband`, in the order of its file.
    std::vector<double> freq_hz(int subband) const;
};

struct Telescope {
    std::string name;
    std::vector<std::string> aliases;  ///< other values of telescope_name in files
    std::string instrument;
    std::string path;                       ///< the file, "" for the default
    Site site;                              ///< what simulated files carry
    SiteFrom site_from = SiteFrom::header;  ///< telescope: `site` replaces the header's in `apply`
    DriftState drift = DriftState::unphased;
    double dish_diameter_m = 0;  ///< 0 = unknown: no beam
    FeedKind feeds = FeedKind::linear;
    std::vector<Correlation> correlations;
    Band band;
    double integration_s = 0;
    int integrations = 0;
    int live_antennas = 0;                ///< so many stations take data
    std::array<double, 2> uvw_range_m{};  ///< lengths that baselines may have; 0, 0 = unknown
    UvwSense ms_uvw = UvwSense::unknown;  ///< of its Measurement Sets
    double sefd_jy = 0;                   ///< of one antenna and polarization; 0 = unknown
    double aperture_efficiency = 0;       ///< effective over geometric area of a dish; 0 = unknown
    std::vector<Station> stations;
};

/// Reads one file. Throws Error(input_missing) or Error(bad_config) with file, line and, for an unknown key, the nearest.
Telescope load_telescope(std::string const& path);

/// The file in telescopes/ of the data folders whose name or aliases hold `telescope_name` (case ignored); else a default of
/// that name that knows nothing.
Telescope find_telescope(std::string const& telescope_name);

/// Names and aliases of those that have a file.
std::vector<std::string> telescope_names();

/// Site and dish diameters of `header` completed from `telescope`; Site::origin says where the site came from.
void apply(Telescope const& telescope, GroupHeader& header);

/// SEFD of one antenna and polarization from its system temperature: 2 k T / (η A), A = π D²/4 (Thompson, Moran & Swenson 2017,
/// 1.3), in Jy.
double sefd_of_temperature_jy(double system_temp_k, double dish_diameter_m, double aperture_efficiency);

/// Stations in ITRS axes relative to `site`, numbered from 0, named "1", "2", … as DSA-110's files have them.
std::vector<Antenna> antennas_of(Telescope const& telescope, Site const& site);

}  // namespace nocturne
