// Which antennas hear nothing. Enters: levels of all baselines. Leaves: antennas that are deaf where others of their lengths hear.
#pragma once

#include "stages/flag/work.hpp"

namespace nocturne {

/// [antenna] 1 where its baselines agree by chance where those of others, as long as they, agree; `level` [baseline][correlation],
/// `wanted` [correlation]. None in groups of fewer than five antennas, nor where the sky is too faint for the array itself.
std::vector<std::uint8_t> find_deaf(FlagWork const& work, std::vector<Level> const& level,
                                    std::vector<std::uint8_t> const& wanted);

}  // namespace nocturne
