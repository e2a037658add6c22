// Launch of `level` on CUDA: a block of 128 threads a (baseline, correlation).
#include "kernels/level.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, LevelArgs const& args)
{
    cuda::for_each_tile(device, args.level.size(), 128, level_scratch_bytes(128), LevelTile{args});
}

}  // namespace nocturne
