// Launches of `statistics` on CUDA: a block of 128 threads a row.
#include "kernels/statistics.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {
namespace {
constexpr int threads = 128;
}

void launch(CudaDevice const& device, StatisticsArgs const& args)
{
    cuda::for_each_tile(device, args.image.extent[0], threads, statistics_scratch_bytes(threads), StatisticsTile{args});
}

void launch(CudaDevice const& device, CountArgs const& args)
{
    cuda::for_each_tile(device, args.image.extent[0], threads, count_scratch_bytes(threads), CountTile{args});
}

}  // namespace nocturne
