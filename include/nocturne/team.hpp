// Teams: how a Tile body sees the threads that work on one tile together. A body uses rank(), size(), barrier() and
// scratch<T>(n) only, so the same body runs on a CUDA block, on one host thread and on the ThreadTeam of the race
// tests. Every thread of a team calls barrier() and scratch() the same number of times, in the same order.
#pragma once

#include "nocturne/check.hpp"

#include <cstddef>

namespace nocturne {

/// One thread, with scratch memory owned by the launch. Alignment 64 bytes.
class SerialTeam {
public:
    SerialTeam(void* scratch, std::size_t bytes) : next_(static_cast<char*>(scratch)), end_(next_ + bytes) {}
    int rank() const { return 0; }
    int size() const { return 1; }
    void barrier() const {}
    template<class T>
    T* scratch(std::size_t n)
    {
        char* start = next_;
        next_ += (n * sizeof(T) + 63) / 64 * 64;
        NOCT_EXPECT(next_ <= end_);
        return reinterpret_cast<T*>(start);
    }

private:
    char* next_;
    char* end_;
};

#if defined(__CUDACC__)
/// The threads of one CUDA block; scratch is its dynamic shared memory.
class CudaTeam {
public:
    __device__ explicit CudaTeam(char* shared) : next_(shared) {}
    __device__ int rank() const { return static_cast<int>(threadIdx.x); }
    __device__ int size() const { return static_cast<int>(blockDim.x); }
    __device__ void barrier() const { __syncthreads(); }
    template<class T>
    __device__ T* scratch(std::size_t n)
    {
        char* start = next_;
        next_ += (n * sizeof(T) + 63) / 64 * 64;
        return reinterpret_cast<T*>(start);
    }

private:
    char* next_;
};
#endif

}  // namespace nocturne
