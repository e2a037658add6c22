// Launch of `tally` on CUDA: a thread a row.
#include "kernels/tally.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {

void launch(CudaDevice const& device, TallyArgs const& args)
{
    cuda::for_each(device, args.flag.extent[0], args.flag.extent[1], TallyCell{args});
}

}  // namespace nocturne
