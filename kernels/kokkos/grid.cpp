// Launch of `grid` on the host.
#include "kernels/grid.hpp"

#include "kernels/kokkos/loop.hpp"

#include <cmath>
#include <limits>

namespace nocturne {

void launch(KokkosDevice const&, GridArgs const& args)
{
    kokkos::for_each_tile(args.lines.extent[0], GridTile::scratch_bytes, GridTile{args});
}

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
