// Launch of `expand` on CUDA: a block of 256 threads a rectangle.
#include "kernels/expand.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, ExpandArgs const& args)
{
    cuda::for_each_tile(device, args.rects.extent[0], ExpandTile::channel_tile * ExpandTile::time_groups,
                        ExpandTile::scratch_bytes, ExpandTile{args});
}

}  // namespace nocturne
