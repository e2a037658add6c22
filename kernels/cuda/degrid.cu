// Launch of `degrid` on CUDA: a block of 64 threads a line.
#include "kernels/degrid.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, DegridArgs const& args)
{
    cuda::for_each_tile(device, args.lines.extent[0], 64, 0, DegridTile{args});
}

}  // namespace nocturne
