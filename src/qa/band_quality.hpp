// A bandpass channel by channel. Enters: a table. Leaves: channels and parts of the band that are worth a warning.
#pragma once

#include "nocturne/cal_table.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// Its value is finite and no gain is 0; its error is finite, and there is one where the solve measured noise.
bool is_sound(CalTable const& table, std::size_t interval, std::size_t antenna, std::size_t correlation,
              std::size_t channel);

/// Channels whose amplitude is off the median of up to ten neighbours on each side by more than `share` (and five standard errors) in the
/// median antenna of some hand; rising.
std::vector<std::size_t> stray_channels(CalTable const& table, double share);

/// Sixteenths of the channels that have solutions, of which more than `share` is flagged in some hand (of antennas that have any); rising.
std::vector<std::size_t> poor_parts(CalTable const& table, double share);

/// " (1350.3 MHz and 2 more)", " (1340.1-1351.8 MHz)".
std::string where_channels(CalTable const& table, std::vector<std::size_t> const& channels);
std::string where_parts(CalTable const& table, std::vector<std::size_t> const& parts);

}  // namespace nocturne
