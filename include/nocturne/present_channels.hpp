// Channels of a group that a file of it holds: enters a header, leaves places on its frequency axis.
#pragma once

#include "nocturne/group.hpp"

#include <algorithm>

namespace nocturne {

/// Ascending; all channels where the header names no subbands. Those of missing subbands stand on the axis, and no file has them.
inline std::vector<std::size_t> present_channels(GroupHeader const& header)
{
    std::vector<std::size_t> found;
    for (std::size_t c = 0; c < header.freq_hz.size(); ++c) {
        auto const holds = [&](Subband const& s) {
            auto const channel = static_cast<std::int64_t>(c);
            return channel >= s.first_channel && channel < s.first_channel + s.n_channels;
        };
        if (header.subbands.empty() || std::any_of(header.subbands.begin(), header.subbands.end(), holds))
            found.push_back(c);
    }
    return found;
}

}  // namespace nocturne
