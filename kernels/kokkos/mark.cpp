// Launch of `mark` on the host.
#include "kernels/mark.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, MarkArgs const& args)
{
    kokkos::for_each(args.flag.extent[1], (args.flag.extent[2] + MarkCell::run - 1) / MarkCell::run, MarkCell{args});
}

}  // namespace nocturne
