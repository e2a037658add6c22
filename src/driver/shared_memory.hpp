// Memory that two processes see. Enters: a size, or a descriptor that came with a message. Leaves: a mapping.
#pragma once

#include "driver/channel.hpp"

#include <cstddef>

namespace nocturne {

/// A memfd, sealed against shrinking and growing: its pages cannot go away under the reader. Not in RLIMIT_DATA.
class SharedMemory {
public:
    SharedMemory() = default;
    /// Zeroed. `name` is for /proc/PID/maps. Error(system).
    static SharedMemory create(char const* name, std::size_t bytes);
    /// Maps what another process created; Error(bad_input) where it is not sealed. Takes the descriptor.
    static SharedMemory map(Descriptor descriptor);
    SharedMemory(SharedMemory&& other) noexcept { swap(other); }
    SharedMemory& operator=(SharedMemory&& other) noexcept
    {
        swap(other);
        return *this;
    }
    ~SharedMemory();

    void* data() const { return data_; }
    std::size_t size() const { return size_; }
    int descriptor() const { return descriptor_.number(); }

private:
    void swap(SharedMemory& other) noexcept;
    void map_here(std::size_t bytes);

    Descriptor descriptor_;
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace nocturne
