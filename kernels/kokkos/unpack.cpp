// Launch of `unpack` on the host: a row at a time through the body.
#include "kernels/unpack.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {

void launch(KokkosDevice const&, UnpackArgs const& args)
{
    auto const& b = args.batch;
    UnpackCell const cell{args};
    kokkos::for_each(b.n_bands * b.chunk_rows, [=](Index row) {
        for (Index c = 0; c < cell.args.batch.n_channels; ++c)
            for (Index p = 0; p < cell.args.batch.n_correlations; ++p) cell(row, c, p);
    });
}

}  // namespace nocturne
