// Launch of `jones` on CUDA: a block of 256 threads a solve, matrices in shared memory, sums in L2.
#include "kernels/jones.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, JonesArgs const& args)
{
    cuda::for_each_tile(device, args.sums.extent[1], 256, JonesTile::scratch_bytes(args.n_antennas), JonesTile{args});
}

}  // namespace nocturne
