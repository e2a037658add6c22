// Launch of `correct` on CUDA: a thread a pixel.
#include "kernels/correct.hpp"

#include "kernels/cuda/loop.cuh"

namespace nocturne {
namespace {

struct CorrectPixel {
    CorrectRow row;
    NOCT_INLINE void operator()(Index y, Index x) const { row.pixel(y, x); }
};

}  // namespace

void launch(CudaDevice const& device, CorrectArgs const& args)
{
    cuda::for_each(device, args.image.extent[0], args.image.extent[1], CorrectPixel{CorrectRow{args}});
}

}  // namespace nocturne
