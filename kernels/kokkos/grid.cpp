// `grid` on the host: lines through a window in cache (kernels/kokkos/grid_lines-inl.hpp), on one thread: ranks use the
// cores. perf/bench/grid_bench compares it with the shared body.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/grid.cpp"
#include <hwy/foreach_target.h>

#include "kernels/grid.hpp"
#include "kernels/kokkos/grid_lines-inl.hpp"

#if HWY_ONCE
#    include <cmath>
#    include <limits>

namespace nocturne {

HWY_EXPORT(grid_lines);

void launch(KokkosDevice const&, GridArgs const& args) { HWY_DYNAMIC_DISPATCH(grid_lines)(args); }

double largest_part(KokkosDevice const&, View<Vis const, 1> values)
{
    float largest = 0, finite = 0;
    for (Index i = 0; i < values.extent[0]; ++i) {
        Vis const v = values.data[i];
        largest = std::max(largest, std::max(std::abs(v.re), std::abs(v.im)));
        finite += 0 * v.re + 0 * v.im;  // NaN once a value is not finite
    }
    return finite == 0 ? largest : std::numeric_limits<double>::infinity();
}

}  // namespace nocturne
#endif
