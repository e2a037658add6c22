// What the pixels of an image may be. Enters: the name of its Stokes parameter or hand. Leaves: whether its sources may be negative.
#pragma once

#include <string>

namespace nocturne {

/// Of Q, U, V and the crossed hands; total intensity and the parallel hands (XX, RR) have none below zero.
inline bool has_either_sign(std::string const& stokes)
{
    return stokes != "I" && !(stokes.size() == 2 && stokes[0] == stokes[1]);
}

}  // namespace nocturne
