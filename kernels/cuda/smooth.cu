// Launches of `smooth` and its transpose on CUDA: a thread a pixel.
#include "kernels/smooth.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, SmoothArgs const& args)
{
    cuda::for_each(device, args.work.extent[0], args.work.extent[1], SmoothRowsCell{args});
    cuda::for_each(device, args.out.extent[0], args.out.extent[1], SmoothColumnsCell{args});
}

void launch(CudaDevice const& device, SpreadArgs const& args)
{
    cuda::for_each(device, args.work.extent[0], args.work.extent[1], SpreadColumnsCell{args});
    cuda::for_each(device, args.fine.extent[0], args.fine.extent[1], SpreadRowsCell{args});
}

}  // namespace nocturne
