// Launch of `rotate` on CUDA: a block a row, its threads over channels.
#include "kernels/rotate.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, RotateArgs const& args)
{
    if (args.vis.size() == 0) return;
    cuda::for_each_tile(device, args.vis.extent[0] * args.vis.extent[1], 128, 0, RotateTile{RotateCell{args}});
}

}  // namespace nocturne
