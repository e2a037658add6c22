// Launch of `jones_sums` on CUDA: a thread a slot, sixteen read the same samples.
#include "kernels/jones_sums.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, JonesSumsArgs const& args)
{
    cuda::for_each(device, args.sums.extent[0], args.sums.extent[1] * 16, JonesSumsCell{args});
}

}  // namespace nocturne
