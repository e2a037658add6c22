// What the codes of correlations stand for. Enters: a Correlation. Leaves: its name, or its partner under an exchange of antennas.
#pragma once

#include "nocturne/vis.hpp"

namespace nocturne {

/// "XX", "RL", "I", …; "" for a code that there is none of.
constexpr char const* name(Correlation correlation)
{
    constexpr char const* stokes[] = {"", "I", "Q", "U", "V"};
    constexpr char const* products[] = {"", "RR", "LL", "RL", "LR", "XX", "YY", "XY", "YX"};
    int const code = static_cast<int>(correlation);
    if (code > 4 || code < -8) return "";
    return code > 0 ? stokes[code] : products[-code];
}

/// XY and YX, RL and LR change places where antennas do; all others stay.
constexpr Correlation antennas_exchanged(Correlation correlation)
{
    switch (correlation) {
        case Correlation::XY:
            return Correlation::YX;
        case Correlation::YX:
            return Correlation::XY;
        case Correlation::RL:
            return Correlation::LR;
        case Correlation::LR:
            return Correlation::RL;
        default:
            return correlation;
    }
}

}  // namespace nocturne
