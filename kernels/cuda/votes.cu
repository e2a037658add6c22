// Launch of `votes` on CUDA: a thread a word of a channel, which walks through the baselines.
#include "kernels/votes.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, VotesArgs const& args)
{
    cuda::for_each(device, args.mask.extent[1], args.mask.extent[2], VotesCell{args});
}

}  // namespace nocturne
