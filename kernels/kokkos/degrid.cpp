// `degrid` on the host: lines through a window in cache (kernels/kokkos/degrid_lines-inl.hpp), on one thread: ranks use the
// cores. perf/bench/degrid_bench compares it with the shared body.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/degrid.cpp"
#include <hwy/foreach_target.h>

#include "kernels/degrid.hpp"
#include "kernels/kokkos/degrid_lines-inl.hpp"

#if HWY_ONCE
namespace nocturne {

HWY_EXPORT(read_lines);

void launch(KokkosDevice const&, DegridArgs const& args) { HWY_DYNAMIC_DISPATCH(read_lines)(args); }

}  // namespace nocturne
#endif
