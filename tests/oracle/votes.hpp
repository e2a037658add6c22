// Oracle of `votes`: how many of the masks hold one cell.
#pragma once

#include <vector>

namespace nocturne::oracle {

/// holds[baseline].
inline long votes(std::vector<bool> const& holds)
{
    long n = 0;
    for (bool one : holds) n += one;
    return n;
}

}  // namespace nocturne::oracle
