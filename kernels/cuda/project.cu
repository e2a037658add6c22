// Launch of `project` on CUDA: a block of 256 threads a rectangle.
#include "kernels/project.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, ProjectArgs const& args)
{
    cuda::for_each_tile(device, args.rects.extent[0], ProjectTile::node_tile * ProjectTile::time_groups,
                        ProjectTile::scratch_bytes, ProjectTile{args});
}

}  // namespace nocturne
