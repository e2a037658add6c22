// Launch of `apply_gains` on CUDA: a thread a sample.
#include "kernels/apply_gains.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, ApplyGainsArgs const& args)
{
    auto const& vis = args.vis;
    cuda::for_each(device, vis.extent[0] * vis.extent[1], vis.extent[2] * vis.extent[3], ApplyGainsCell{args});
}

}  // namespace nocturne
