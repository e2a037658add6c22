// UVW as a Measurement Set has them against what antennas, times and phase centres give. Enters: a header. Leaves: how far apart
// they are, and the w that its visibilities were stopped with.
#pragma once

#include "nocturne/group.hpp"
#include "sky/phasing.hpp"

#include <functional>
#include <string>

namespace nocturne {

/// Cells that hold a sample of a cross-correlation: body(integration, baseline, uvw as read).
void for_each_file_uvw(GroupHeader const& header,
                       std::function<void(std::size_t, std::size_t, double const*)> const& body);

struct UvwComparison {
    double factor = 1;   ///< least squares, of UVW over what geometry gives
    double worst_m = 0;  ///< length of the largest difference
    double unlike = 0;   ///< rms of the differences over the rms of the lengths; rows without UVW (0, 0, 0) left out
};
UvwComparison compare_uvw(GroupHeader const& header, GroupMoments const& moments);

/// Drops offset_s of a set whose UVW are clearly those of its rows' TIME and not of TIME_CENTROID. Returns a line for a log; "" where
/// there is nothing to say.
std::string choose_times(GroupHeader& header);

/// Fills stopped_w_m from file_uvw_m, where these are the UVW of their phase centres: a set that is moved starts from its own w. A shift
/// of direction that all baselines share, where it is the whole difference from geometry, is taken out first: programs leave annual aberration out of UVW (LOFAR 8″, OSKAR 19″), and yet
/// their visibilities are stopped on the direction that the set names. Of sets that pyuvdata wrote w is what was applied, whole. Returns why
/// nothing was filled, for a log; "" where there is nothing to say.
std::string use_file_w(GroupHeader& header);

}  // namespace nocturne
