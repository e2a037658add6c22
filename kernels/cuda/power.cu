// Launch of `power` on CUDA: a thread an (integration, channel), which walks through the baselines.
#include "kernels/power.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, PowerArgs const& args)
{
    cuda::for_each(device, args.vis.extent[0], args.vis.extent[2], PowerCell{args});
}

}  // namespace nocturne
