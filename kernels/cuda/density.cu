// Launch of `density` on CUDA: a thread a piece of a row of channels.
#include "kernels/density.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, DensityArgs const& args)
{
    Index const rows = args.in.vis.extent[0] * args.in.vis.extent[1];
    cuda::for_each(device, rows, (args.freq_hz.extent[0] + DensityArgs::run - 1) / DensityArgs::run, DensityCell{args});
}

}  // namespace nocturne
