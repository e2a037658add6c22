// Launch of `unpack` on the host: a row at a time.
#include "kernels/unpack.hpp"

#include "kernels/kokkos/loop.hpp"
#include "kernels/kokkos/unpack_row.hpp"

namespace nocturne {
namespace {

bool rows_contiguous(Index const (&stride)[4], Index correlations)
{
    return stride[3] == 1 && stride[2] == correlations;
}

/// The samples of a row of the block stand together in every array that the batch writes.
bool is_dense(UnpackArgs const& args)
{
    Index const n = args.batch.n_correlations;
    if (args.flag.extent[3] != n || !rows_contiguous(args.flag.stride, n)) return false;
    if (args.batch.kind == DatasetKind::vis) return rows_contiguous(args.vis.stride, n);
    return args.batch.kind == DatasetKind::flag || rows_contiguous(args.weight.stride, n);
}

}  // namespace

void launch(KokkosDevice const&, UnpackArgs const& args)
{
    auto const& b = args.batch;
    bool const pairs = b.kind == DatasetKind::vis && b.element == Element::complex_f32 && b.n_correlations == 2 &&
                       b.chunk_correlations == 1;
    kokkos::for_each(b.n_bands * b.chunk_rows, UnpackRow{UnpackCell{args}, pairs, is_dense(args)});
    if (b.kind == DatasetKind::vis) _mm_sfence();
}

}  // namespace nocturne
