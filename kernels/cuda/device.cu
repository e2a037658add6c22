// CUDA devices and their memory. A machine without a driver is a device that says so, not an error.
#include "kernels/cuda/check.cuh"
#include "nocturne/staging_memory.hpp"

#include <cstdio>

namespace nocturne {
namespace {

std::string uuid_text(cudaUUID_t const& uuid)
{
    char text[48] = "GPU-";
    char* at = text + 4;
    for (int i = 0; i < 16; ++i) {
        at += std::snprintf(at, 3, "%02x", static_cast<unsigned char>(uuid.bytes[i]));
        if (i == 3 || i == 5 || i == 7 || i == 9) *at++ = '-';
    }
    *at = 0;
    return text;
}

}  // namespace

std::vector<DeviceInfo> find_devices_of(CudaDevice const&)
{
    int count = 0;
    auto const status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess || count == 0) {
        cudaGetLastError();
        return {{"cuda", "", "", 0, false, status == cudaSuccess ? "no GPU is visible" : cudaGetErrorString(status),
                 CudaDevice{}}};
    }
    std::vector<DeviceInfo> all;
    for (int ordinal = 0; ordinal < count; ++ordinal) {
        cudaDeviceProp properties{};
        cuda_check(cudaGetDeviceProperties(&properties, ordinal), "cudaGetDeviceProperties");
        all.push_back({"cuda", properties.name, uuid_text(properties.uuid), properties.totalGlobalMem, true, "",
                       CudaDevice{ordinal, nullptr}});
    }
    return all;
}

void* allocate(CudaDevice const& device, std::size_t bytes)
{
    cuda_check(cudaSetDevice(device.ordinal), "cudaSetDevice");
    void* memory = nullptr;
    if (cudaMalloc(&memory, bytes) == cudaSuccess) return memory;
    cudaGetLastError();
    std::size_t free_bytes = 0, total_bytes = 0;
    cudaMemGetInfo(&free_bytes, &total_bytes);
    throw Error(Code::system, "out of GPU memory",
                std::to_string(bytes) + " bytes were asked for, " + std::to_string(free_bytes) + " of " +
                    std::to_string(total_bytes) + " are free",
                "use more ranks per group on more GPUs, a smaller image, or --backend kokkos");
}

void release(CudaDevice const&, void* memory, std::size_t) noexcept { cudaFree(memory); }

void clear(CudaDevice const& device, void* memory, std::size_t bytes)
{
    cuda_check(cudaMemsetAsync(memory, 0, bytes, cuda_stream(device)), "cudaMemset");
}

void copy_in(CudaDevice const& device, void* to, void const* from, std::size_t bytes)
{
    cuda_check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, cuda_stream(device)), "cudaMemcpy to device");
}

void copy_out(CudaDevice const& device, void* to, void const* from, std::size_t bytes)
{
    cuda_check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, cuda_stream(device)), "cudaMemcpy to host");
    finish(device);
}

void* allocate_staging(CudaDevice const& device, std::size_t bytes)
{
    cuda_check(cudaSetDevice(device.ordinal), "cudaSetDevice");
    void* memory = nullptr;
    cuda_check(cudaMallocHost(&memory, bytes), "cudaMallocHost");
    return memory;
}

void release_staging(CudaDevice const&, void* memory) noexcept { cudaFreeHost(memory); }

void finish(CudaDevice const& device)
{
    cuda_check(cudaStreamSynchronize(cuda_stream(device)), "cudaStreamSynchronize");
}

std::string describe(CudaDevice const& device)
{
    cudaDeviceProp properties{};
    cuda_check(cudaGetDeviceProperties(&properties, device.ordinal), "cudaGetDeviceProperties");
    return std::string("cuda ") + properties.name + " " + uuid_text(properties.uuid);
}

}  // namespace nocturne
