// For launch files: element-wise loops and tiles on CUDA.
#pragma once

#include "kernels/cuda/check.cuh"
#include "nocturne/team.hpp"

namespace nocturne::cuda {

template<class Body>
__global__ void loop_1d(Index n, Body body)
{
    Index const step = static_cast<Index>(gridDim.x) * blockDim.x;
    for (Index i = static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step) body(i);
}

template<class Body>
__global__ void loop_2d(Index n, Index m, Body body)
{
    Index const step = static_cast<Index>(gridDim.x) * blockDim.x;
    for (Index k = static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x; k < n * m; k += step) body(k / m, k % m);
}

template<class Tile>
__global__ void loop_tiles(Index n, Tile tile)
{
    extern __shared__ __align__(64) char shared[];
    for (Index t = blockIdx.x; t < n; t += gridDim.x) {
        CudaTeam team(shared);
        tile(team, t);
        __syncthreads();
    }
}

inline unsigned blocks_for(Index n, int threads)
{
    Index const wanted = (n + threads - 1) / threads;
    return static_cast<unsigned>(wanted < 65535 * 16 ? (wanted > 0 ? wanted : 1) : 65535 * 16);
}

/// body(i) for i in [0, n), 256 threads a block.
template<class Body>
void for_each(CudaDevice const& device, Index n, Body const& body)
{
    if (n == 0) return;
    loop_1d<<<blocks_for(n, 256), 256, 0, cuda_stream(device)>>>(n, body);
    cuda_check(cudaGetLastError(), "launch");
}

/// body(i, j) for all pairs, j fastest.
template<class Body>
void for_each(CudaDevice const& device, Index n, Index m, Body const& body)
{
    if (n * m == 0) return;
    loop_2d<<<blocks_for(n * m, 256), 256, 0, cuda_stream(device)>>>(n, m, body);
    cuda_check(cudaGetLastError(), "launch");
}

/// tile(CudaTeam&, t) for t in [0, n): a block of `threads` a tile with `scratch_bytes` of shared memory.
template<class Tile>
void for_each_tile(CudaDevice const& device, Index n, int threads, std::size_t scratch_bytes, Tile const& tile)
{
    if (n == 0) return;
    auto const stream = cuda_stream(device);
    if (scratch_bytes > 48 * 1024)
        cuda_check(cudaFuncSetAttribute(loop_tiles<Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                        static_cast<int>(scratch_bytes)),
                   "cudaFuncSetAttribute");
    loop_tiles<<<blocks_for(n, 1), threads, scratch_bytes, stream>>>(n, tile);
    cuda_check(cudaGetLastError(), "launch");
}

}  // namespace nocturne::cuda
