// Launch of `grid` on CUDA: a block of 64 threads a line; the largest value by Thrust.
#include "kernels/grid.hpp"

#include "kernels/cuda/loop.cuh"

#include <limits>

#include <thrust/execution_policy.h>
#include <thrust/functional.h>
#include <thrust/transform_reduce.h>

namespace nocturne {
namespace {

/// The larger part; infinite where a part is not finite (a NaN would lose every comparison).
struct LargerPart {
    __host__ __device__ float operator()(Vis const& v) const
    {
        float const re = v.re < 0 ? -v.re : v.re, im = v.im < 0 ? -v.im : v.im;
        float const infinite = std::numeric_limits<float>::infinity();
        return re < infinite && im < infinite ? (re > im ? re : im) : infinite;
    }
};
struct Larger {
    __host__ __device__ float operator()(float a, float b) const { return a > b ? a : b; }
};

}  // namespace

void launch(CudaDevice const& device, GridArgs const& args)
{
    cuda::for_each_tile(device, args.lines.extent[0], 64, GridTile::scratch_bytes, GridTile{args});
}

double largest_part(CudaDevice const& device, View<Vis const, 1> values)
{
    auto const policy = thrust::cuda::par.on(cuda_stream(device));
    return thrust::transform_reduce(policy, values.data, values.data + values.extent[0], LargerPart{}, 0.F, Larger{});
}

}  // namespace nocturne
