// Launch of `weigh` on CUDA: a thread a channel.
#include "kernels/weigh.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, WeighArgs const& args)
{
    cuda::for_each(device, args.factor.extent[0] * args.factor.extent[1], args.factor.extent[2], WeighCell{args});
}

}  // namespace nocturne
