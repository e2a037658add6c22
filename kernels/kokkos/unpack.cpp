// Launch of `unpack` on the host: a row at a time.
#include "kernels/unpack.hpp"

#include "kernels/kokkos/loop.hpp"
#include "kernels/kokkos/unpack_row.hpp"

namespace nocturne {
namespace {

bool rows_contiguous(Index const (&stride)[4]) { return stride[3] == 1 && stride[2] == 2; }

}  // namespace

void launch(KokkosDevice const&, UnpackArgs const& args)
{
    auto const& b = args.batch;
    bool const pairs = b.kind == DatasetKind::vis && b.element == Element::complex_f32 && b.n_correlations == 2 &&
                       b.chunk_correlations == 1 && rows_contiguous(args.vis.stride) &&
                       rows_contiguous(args.flag.stride);
    kokkos::for_each(b.n_bands * b.chunk_rows, UnpackRow{UnpackCell{args}, pairs});
    if (pairs) _mm_sfence();
}

}  // namespace nocturne
