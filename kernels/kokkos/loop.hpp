// For launch files: element-wise loops and tiles on Kokkos' default host space.
#pragma once

#include "nocturne/team.hpp"
#include "nocturne/view.hpp"

#include <Kokkos_Core.hpp>

#include <memory>
#include <new>

namespace nocturne::kokkos {

using Range = Kokkos::RangePolicy<Kokkos::DefaultHostExecutionSpace, Kokkos::IndexType<Index>>;

/// body(i) for i in [0, n).
template<class Body>
void for_each(Index n, Body const& body)
{
    Kokkos::parallel_for(Range(0, n), body);
}

/// body(i, j) for all pairs, j fastest. (A flat range: MDRangePolicy costs four times as much on the host.)
template<class Body>
void for_each(Index n, Index m, Body const& body)
{
    for_each(n * m, [=](Index k) { body(k / m, k % m); });
}

/// tile(SerialTeam&, t) for t in [0, n), each with `scratch_bytes` of scratch aligned to 64 bytes.
template<class Tile>
void for_each_tile(Index n, std::size_t scratch_bytes, Tile const& tile)
{
    for_each(n, [&](Index t) {
        struct Free {
            void operator()(void* p) const { ::operator delete(p, std::align_val_t(64)); }
        };
        thread_local std::size_t held = 0;
        thread_local std::unique_ptr<void, Free> scratch;
        if (held < scratch_bytes) {
            scratch.reset(::operator new(scratch_bytes, std::align_val_t(64)));
            held = scratch_bytes;
        }
        SerialTeam team(scratch.get(), scratch_bytes);
        tile(team, t);
    });
}

}  // namespace nocturne::kokkos
