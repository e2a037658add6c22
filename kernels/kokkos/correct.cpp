// Launch of `correct` on the host: a row an item.
#include "kernels/correct.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, CorrectArgs const& args) { kokkos::for_each(args.image.extent[0], CorrectRow{args}); }

}  // namespace nocturne
