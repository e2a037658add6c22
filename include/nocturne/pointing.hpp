// The declination that the dishes of a group looked at. Enters: its header. Leaves: one number, of mid-time.
#pragma once

#include "nocturne/group.hpp"

#include <optional>

namespace nocturne {

/// Radians; of data that are phased, their centre's where nothing says where the dishes looked. None: unphased.
inline std::optional<double> pointing_dec_rad(GroupHeader const& header)
{
    if (!header.pointings.empty()) return header.pointings[header.pointings.size() / 2].dec.value();
    auto const& centre = header.centres.front();
    bool const known = centre.kind == PhaseReference::meridian || centre.kind == PhaseReference::icrs;
    return known ? std::optional(centre.direction.dec.value()) : std::nullopt;
}

}  // namespace nocturne
