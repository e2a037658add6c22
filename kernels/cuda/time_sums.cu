// Launch of `time_sums` on CUDA: a thread a (baseline, channel, correlation).
#include "kernels/time_sums.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, TimeSumsArgs const& args)
{
    cuda::for_each(device, args.vis.extent[1], args.vis.extent[2] * args.vis.extent[3], TimeSumsCell{args});
}

}  // namespace nocturne
