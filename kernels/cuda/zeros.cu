// Launch of `zeros` on CUDA: a thread a row of channels.
#include "kernels/zeros.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, ZerosArgs const& args)
{
    cuda::for_each(device, args.vis.extent[0], args.vis.extent[1], ZerosCell{args});
}

}  // namespace nocturne
