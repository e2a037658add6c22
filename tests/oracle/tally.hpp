// Oracle of `tally`: the account of one sample, by its definition.
#pragma once

#include <cstdint>

namespace nocturne::oracle {

/// 0 = used; otherwise 1 + the position of the lowest set bit.
inline int account(std::uint8_t flag)
{
    if (flag == 0) return 0;
    int position = 0;
    while (flag % 2 == 0) {
        flag /= 2;
        ++position;
    }
    return 1 + position;
}

}  // namespace nocturne::oracle
