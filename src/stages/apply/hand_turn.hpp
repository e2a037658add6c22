// How the antennas of a hand turn from one solved moment to another. Enters: their turns, channel by channel. Leaves: what all alike turn, and of each
// antenna a phase and a delay on top.
#pragma once

#include "stages/apply/band_line.hpp"

namespace nocturne {

/// Each channel's turn of all antennas alike is nobody's (a set's own reference makes it), so it may be anything; an antenna's own turn is a line along the
/// band and a rest within half a turn of it. So no channel decides about another, and one that is wrong about no other.
struct HandTurn {
    std::vector<std::complex<double>> frame;  ///< [channel] turn of all alike, unit phasors; where no antenna has both
                                              ///< moments, as the channels beside it go on; all 1 where none has any
    std::vector<PhaseLine> lines;             ///< [antenna] beyond the frame; 0 where it has nothing in both
    std::vector<bool> shared;  ///< [channel] not less than half as much as in others do the antennas agree
    bool known = false;        ///< some antenna has some channel in both
    double agreement = 1;      ///< length of the mean of the antennas' phasors in the middle of the band
};

/// `turns` [antenna][channel]: unit phasors from the earlier to the later moment; 0 where one of them lacks it.
HandTurn hand_turn(BandLine const& band, std::vector<std::vector<std::complex<double>>> const& turns);

/// Places of the (up to nine) channels nearest to `c` that are known, and `c` is not among them.
std::vector<std::size_t> nearest_known(std::vector<bool> const& known, std::size_t c);

}  // namespace nocturne
