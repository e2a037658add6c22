// Launch of `density` on the host.
#include "kernels/density.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, DensityArgs const& args)
{
    Index const rows = args.in.vis.extent[0] * args.in.vis.extent[1];
    kokkos::for_each(rows, (args.freq_hz.extent[0] + DensityArgs::run - 1) / DensityArgs::run, DensityCell{args});
}

}  // namespace nocturne
