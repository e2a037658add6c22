// How many pixels a beam needs. Enters: its minor axis. Leaves: what a user should know of it.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

namespace nocturne {

/// A main lobe of fewer pixels does not show what it is.
constexpr double least_beam_px = 3;

inline std::string note_of_narrow_beam(double minor_px)
{
    char text[200];
    std::snprintf(text, sizeof text,
                  "the beam is %.1f pixels across: below 3, fitted fluxes and places are off by more than their errors "
                  "say; take smaller pixels (cell)",
                  std::floor(10 * minor_px + 0.01) / 10);  // below 3, and the same for neighbouring channels
    return text;
}

}  // namespace nocturne
