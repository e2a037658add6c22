// Launches of `upsample` and its transpose on CUDA: a thread a pixel.
#include "kernels/upsample.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, UpsampleArgs const& args)
{
    if (args.filter.half_taps == 0) {
        cuda::for_each(device, args.fine.extent[0], args.fine.extent[1], CutCell{args});
        return;
    }
    cuda::for_each(device, args.fine.extent[0], args.coarse.extent[1], UpsampleRowsCell{args});
    cuda::for_each(device, args.fine.extent[0], args.fine.extent[1], UpsampleColumnsCell{args});
}

void launch(CudaDevice const& device, DownsampleArgs const& args)
{
    if (args.filter.half_taps == 0) {
        cuda::for_each(device, args.coarse.extent[0], args.coarse.extent[1], PadCell{args});
        return;
    }
    cuda::for_each(device, args.fine.extent[0], args.coarse.extent[1], DownsampleColumnsCell{args});
    cuda::for_each(device, args.coarse.extent[0], args.coarse.extent[1], DownsampleRowsCell{args});
}

}  // namespace nocturne
