// Oracle of `mark`: the bits of one sample.
#pragma once

#include <cstdint>
#include <vector>

namespace nocturne::oracle {

/// `holds`: for each mask of the sample's baseline, whether it holds the sample's (integration, channel).
inline unsigned mark(unsigned before, std::vector<bool> const& holds, unsigned bit, unsigned row)
{
    for (bool masked : holds)
        if (masked) before |= bit;
    return before | row;
}

}  // namespace nocturne::oracle
