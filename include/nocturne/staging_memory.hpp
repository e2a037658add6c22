// Host memory that a device reads and writes at the full rate of its bus: pinned on CUDA, plain on the host.
#pragma once

#include "nocturne/device.hpp"

namespace nocturne {

// Implemented beside `allocate` of each back end.
void* allocate_staging(KokkosDevice const&, std::size_t bytes);
void release_staging(KokkosDevice const&, void* memory) noexcept;
void* allocate_staging(CudaDevice const&, std::size_t bytes);
void release_staging(CudaDevice const&, void* memory) noexcept;

class StagingMemory {
public:
    StagingMemory(Device const& device, std::size_t bytes)
        : device_(device), data_(std::visit([&](auto const& d) { return allocate_staging(d, bytes); }, device))
    {}
    ~StagingMemory()
    {
        std::visit([&](auto const& d) { release_staging(d, data_); }, device_);
    }
    StagingMemory(StagingMemory const&) = delete;
    StagingMemory& operator=(StagingMemory const&) = delete;

    void* data() const { return data_; }

private:
    Device device_;
    void* data_;
};

}  // namespace nocturne
