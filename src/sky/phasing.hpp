// Phasing of a whole group. Enters: a header with its phase centres, Earth orientation, the centre that is wanted. Leaves: for
// every sample in time of every baseline its uvw, and by how much its delay must change.
#pragma once

#include "nocturne/view.hpp"
#include "sky/frames.hpp"

#include <string>

namespace nocturne {

/// The moments of a group with the geometry of each.
class GroupMoments {
public:
    GroupMoments(GroupHeader const& header, EarthOrientation const& earth);

    Index size() const { return static_cast<Index>(moments_.size()); }
    Moment const& moment(Index m) const { return moments_[static_cast<std::size_t>(m)]; }
    Instant const& instant(Index m) const { return instants_[static_cast<std::size_t>(m)]; }
    PhaseCentre const& centre(Index m) const;

    /// The ICRS direction that the data of a moment belong to: of phased data, theirs; on the meridian, (hour angle 0, their
    /// declination); fixed to the horizon, (azimuth, altitude); unphased, the zenith.
    Direction own_direction(Index m) const;
    /// Unit vector (ITRS axes) toward which the delays of a moment were stopped; 0 for unphased data.
    Vec3 stopped_toward(Index m) const;
    /// Where the dishes looked, ICRS: as the files say it, else the moment's own direction.
    Direction pointing(Index m) const;
    /// The same as a unit vector of ITRS axes, with the aberration of the group's uvw; of drift files that are not stopped the zenith.
    Vec3 beam_axis(Index m) const;

    /// Where one image of all moments is centred unless told otherwise: of one phase centre, its direction at mid-time; of
    /// several, the middle of the moments' own directions, if they lie within 3 degrees of it; else the direction that most
    /// moments share, and `note` says that there are others.
    Direction common_centre(std::string& note) const;
    /// (Hour angle 0, apparent declination of `common_centre` at mid-time) at mid-time.
    Direction meridian_at_mid_time() const;

private:
    GroupHeader const& header_;
    std::vector<Moment> moments_;
    std::vector<Instant> instants_;
    Instant middle_;
};

/// `common_centre` without the note.
Direction default_centre(GroupHeader const& header, EarthOrientation const& earth);

struct Phasing {
    std::vector<double> uvw_m;  ///< [integration][baseline][3] toward the new centre; 0 where there is no sample
    std::vector<double>
        shift_m;  ///< [integration][baseline]: w toward the new centre minus w that the data were stopped with
};

/// Moves every moment to its direction in `wanted` (one per moment). Where that is exactly where an ICRS-phased moment
/// already is, and the header brings uvw (file_uvw_m), those are kept and shift_m is 0. Else uvw are those of the antennas, and
/// shift_m says by how much their w is another one than the file was stopped with: of a file whose uvw were made otherwise
/// (ATA's) that is not 0 at its own centre either. Samples with a time of their own (offset_s) have the geometry of that. A near-field centre that stays keeps its curvature: shift_m is 0.
Phasing plan_phasing(GroupHeader const& header, GroupMoments const& moments, std::vector<Direction> const& wanted);

}  // namespace nocturne
