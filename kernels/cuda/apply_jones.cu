// Launch of `apply_jones` on CUDA: a thread four correlations.
#include "kernels/apply_jones.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, ApplyJonesArgs const& args)
{
    cuda::for_each(device, args.vis.extent[0] * args.vis.extent[1], args.vis.extent[2], ApplyJonesCell{args});
}

}  // namespace nocturne
