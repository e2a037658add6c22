// Launch of `amplitudes` on CUDA: a thread an (integration, channel), which walks through the baselines.
#include "kernels/amplitudes.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, AmplitudesArgs const& args)
{
    cuda::for_each(device, (args.vis.extent[0] + args.step - 1) / args.step, args.vis.extent[2], AmplitudesCell{args});
}

}  // namespace nocturne
