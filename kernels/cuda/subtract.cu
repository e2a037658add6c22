// Launch of `subtract` on CUDA: a block of 256 threads a tile.
#include "kernels/subtract.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, SubtractArgs const& args)
{
    constexpr int threads = 256;
    cuda::for_each_tile(device, args.tiles.extent[0], threads, SubtractTile::scratch_bytes(threads),
                        SubtractTile{args});
}

}  // namespace nocturne
