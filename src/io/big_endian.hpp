// Numbers as networks write them. For src/io alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nocturne {

/// The first n ≤ 8 bytes, the highest first. `in` has at least n.
template<int n>
std::uint64_t big_endian(std::span<unsigned char const> in)
{
    std::uint64_t value = 0;
    for (int i = 0; i < n; ++i) value = value << 8 | in[static_cast<std::size_t>(i)];
    return value;
}

}  // namespace nocturne
