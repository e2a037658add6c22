// Launch of `stefcal` on CUDA: a block of 256 threads a solve, its baselines in shared memory.
#include "kernels/stefcal.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, StefcalArgs const& args)
{
    Index const solves = args.product_re.extent[1] * args.product_re.extent[2];
    cuda::for_each_tile(device, solves, 256, StefcalTile::scratch_bytes(args.n_antennas), StefcalTile{args});
}

}  // namespace nocturne
