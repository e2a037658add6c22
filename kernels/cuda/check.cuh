// For launch files: CUDA's return codes become Errors, and the stream of a device.
#pragma once

#include "nocturne/device.hpp"

#include <cuda_runtime.h>

namespace nocturne {

inline void cuda_check(cudaError_t status, char const* call)
{
    if (status == cudaSuccess) return;
    throw Error(Code::system, std::string("CUDA call failed: ") + call, cudaGetErrorString(status),
                "look at `nocturne doctor` on this node; rerun with --backend kokkos to go on without the GPU");
}

/// The stream, after its device was made this thread's own: whatever follows runs there, on whichever thread.
inline cudaStream_t cuda_stream(CudaDevice const& device)
{
    cuda_check(cudaSetDevice(device.ordinal), "cudaSetDevice");
    return static_cast<cudaStream_t>(device.stream);
}

}  // namespace nocturne
