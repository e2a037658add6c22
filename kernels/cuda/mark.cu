// Launch of `mark` on CUDA: a thread 32 channels of a baseline.
#include "kernels/mark.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, MarkArgs const& args)
{
    cuda::for_each(device, args.flag.extent[1], (args.flag.extent[2] + MarkCell::run - 1) / MarkCell::run,
                   MarkCell{args});
}

}  // namespace nocturne
