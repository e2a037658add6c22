// Launch of `settle` on CUDA: a block of 128 threads a baseline.
#include "kernels/settle.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, SettleArgs const& args)
{
    cuda::for_each_tile(device, args.vis.extent[1], 128, settle_scratch_bytes(128, args.vis.extent[2]),
                        SettleTile{args});
}

}  // namespace nocturne
