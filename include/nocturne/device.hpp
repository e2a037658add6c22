// Devices and memory. A Device is a variant of the back ends that were built in; `run(device, args)` checks the
// arguments and visits it. A back end that lacks a kernel fails to link, and the linker names the kernel.
#pragma once

#include "nocturne/view.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace nocturne {

/// The host, through Kokkos' default host execution space.
struct KokkosDevice {
    int threads = 1;
};

/// One CUDA device and the stream that everything of this Device runs in.
struct CudaDevice {
    int ordinal = 0;
    void* stream = nullptr;  ///< cudaStream_t; null = the default stream
};

#if defined(NOCTURNE_HAS_CUDA)
using Device = std::variant<KokkosDevice, CudaDevice>;
#else
using Device = std::variant<KokkosDevice>;
#endif

// Implemented in kernels/kokkos/device.cpp and kernels/cuda/device.cu. Bytes, never elements. `allocate` throws
// Error(system) that says how much was asked for and how much is free. Host memory is aligned to 64 bytes and, above
// 2 MiB, backed by huge pages where the system grants them.
void* allocate(KokkosDevice const&, std::size_t bytes);
void release(KokkosDevice const&, void* memory, std::size_t bytes) noexcept;
void clear(KokkosDevice const&, void* memory, std::size_t bytes);
void copy_in(KokkosDevice const&, void* device_memory, void const* host_memory, std::size_t bytes);
void copy_out(KokkosDevice const&, void* host_memory, void const* device_memory, std::size_t bytes);
void finish(KokkosDevice const&);
std::string describe(KokkosDevice const&);

void* allocate(CudaDevice const&, std::size_t bytes);
void release(CudaDevice const&, void* memory, std::size_t bytes) noexcept;
void clear(CudaDevice const&, void* memory, std::size_t bytes);
void copy_in(CudaDevice const&, void* device_memory, void const* host_memory, std::size_t bytes);
void copy_out(CudaDevice const&, void* host_memory, void const* device_memory, std::size_t bytes);
void finish(CudaDevice const&);
std::string describe(CudaDevice const&);

/// A device as `doctor`, provenance and the conformance tests see it.
struct DeviceInfo {
    std::string backend;  ///< "kokkos" or "cuda"
    std::string name;     ///< processor or GPU model
    std::string uuid;     ///< GPU UUID, empty on the host
    std::size_t memory_bytes = 0;
    bool usable = false;
    std::string why_not;  ///< for example "no driver on this machine"
    Device device;
};

/// Every back end built in, the unusable ones with their reason. Never throws.
std::vector<DeviceInfo> find_devices();

/// The device for `backend` ("cuda", "kokkos" or "auto" = cuda where usable); throws Error(system) with the reason.
Device make_device(std::string const& backend, int ordinal = 0);

inline bool is_host(Device const& device) { return std::holds_alternative<KokkosDevice>(device); }

/// Runs one kernel: `check(args)` on the host, then the back end's `launch`. Asynchronous on CUDA.
template<class Args>
void run(Device const& device, Args const& args)
{
    check(args);
    std::visit([&](auto const& d) { launch(d, args); }, device);
}

inline void finish(Device const& device)
{
    std::visit([](auto const& d) { finish(d); }, device);
}

/// The only owner of memory on a device. Move-only; elements are trivially copyable; not initialised.
template<class T>
class Buffer {
public:
    Buffer() = default;
    Buffer(Device const& device, Index n) : device_(device), n_(n)
    {
        if (n > 0) data_ = static_cast<T*>(std::visit([&](auto const& d) { return allocate(d, bytes()); }, device_));
    }
    Buffer(Buffer&& other) noexcept { swap(other); }
    Buffer& operator=(Buffer&& other) noexcept
    {
        swap(other);
        return *this;
    }
    Buffer(Buffer const&) = delete;
    Buffer& operator=(Buffer const&) = delete;
    ~Buffer()
    {
        if (data_) std::visit([&](auto const& d) { release(d, data_, bytes()); }, device_);
    }

    void swap(Buffer& other) noexcept
    {
        std::swap(device_, other.device_);
        std::swap(data_, other.data_);
        std::swap(n_, other.n_);
    }

    T* data() const { return data_; }
    Index size() const { return n_; }
    std::size_t bytes() const { return static_cast<std::size_t>(n_) * sizeof(T); }
    Device const& device() const { return device_; }

    void clear()
    {
        if (data_) std::visit([&](auto const& d) { nocturne::clear(d, data_, bytes()); }, device_);
    }
    /// Copies `size()` elements from host memory.
    void upload(T const* host)
    {
        if (data_) std::visit([&](auto const& d) { copy_in(d, data_, host, bytes()); }, device_);
    }
    /// Copies `size()` elements to host memory; returns when they are there.
    void download(T* host) const
    {
        if (data_) std::visit([&](auto const& d) { copy_out(d, host, data_, bytes()); }, device_);
    }
    std::vector<T> to_host() const
    {
        std::vector<T> host(static_cast<std::size_t>(n_));
        download(host.data());
        return host;
    }

    template<class... I>
    auto view(I... extents) const
    {
        auto v = make_view(data_, extents...);
        NOCT_CHECK(v.size() <= n_, "a view is larger than its buffer");
        return v;
    }

private:
    Device device_;
    T* data_ = nullptr;
    Index n_ = 0;
};

/// A buffer that holds a copy of `host`.
template<class T>
Buffer<T> to_device(Device const& device, std::vector<T> const& host)
{
    Buffer<T> buffer(device, static_cast<Index>(host.size()));
    buffer.upload(host.data());
    return buffer;
}

}  // namespace nocturne
