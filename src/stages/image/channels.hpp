// Ranges of channels as a user says them. Enters: a text, a group's axis. Leaves: numbers of channels.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/vis_block.hpp"
#include "stages/image/settings.hpp"

namespace nocturne {

/// "0~95" (both ends count), "5", "1.31~1.37GHz", "1310~1370 MHz"; "" is all: n = 0. Throws Error(bad_config) where it is neither, or no
/// channel of the group lies in it.
ChannelRange find_channels(std::string const& text, GroupHeader const& header);

/// The group's subbands, of a Measurement Set its spectral windows, by rising frequency; those that are missing are not among them.
std::vector<ChannelRange> subbands_of(GroupHeader const& header);

/// The parts of the band that a cube's channels are made of: all within `whole` (n = 0: the band).
std::vector<ChannelRange> cube_channels(CubeSettings const& cube, ChannelRange whole, GroupHeader const& header);

/// The header of these channels alone.
GroupHeader header_of(GroupHeader const& header, ChannelRange range);

/// These channels of a block.
VisBlock channels_of(VisBlock const& block, ChannelRange range);

}  // namespace nocturne
