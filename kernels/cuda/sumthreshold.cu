// Launch of `sumthreshold` on CUDA: a block of 256 threads a baseline; planes lie in the workspace.
#include "kernels/sumthreshold.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, SumThresholdArgs const& args)
{
    cuda::for_each_tile(device, args.vis.extent[1], 256, sumthreshold_scratch_bytes(256), SumThresholdTile{args});
}

}  // namespace nocturne
