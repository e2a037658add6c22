// Launch of `unpack` on CUDA: a thread a sample, correlations and channels fastest, so that writes coalesce.
#include "kernels/cuda/loop.cuh"
#include "kernels/unpack.hpp"

namespace nocturne {
namespace {

struct UnpackSample {
    UnpackCell cell;

    NOCT_INLINE void operator()(Index row, Index k) const
    {
        Index const n = cell.args.batch.n_correlations;
        cell(row, k / n, k % n);
    }
};

}  // namespace

void launch(CudaDevice const& device, UnpackArgs const& args)
{
    auto const& b = args.batch;
    cuda::for_each(device, b.n_bands * b.chunk_rows, b.n_channels * b.n_correlations, UnpackSample{{args}});
}

}  // namespace nocturne
