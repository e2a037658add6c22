// Launch of `sumthreshold` on CUDA: a block of 256 threads a baseline; planes lie in the workspace.
#include "kernels/sumthreshold.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, SumThresholdArgs const& args)
{
    Index const n = args.vis.extent[1];
    if (args.rule.strategy == Strategy::aoflagger)
        cuda::for_each_tile(device, n, 256, sumthreshold_scratch_bytes(256), AoflaggerTile{args});
    else
        cuda::for_each_tile(device, n, 256, sumthreshold_scratch_bytes(256), SumThresholdTile{args});
}

}  // namespace nocturne
