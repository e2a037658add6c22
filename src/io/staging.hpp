// Memory that files are read into. Enters: sizes and places in a file. Leaves: uninitialised memory, kept from read to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace nocturne {

/// Processors copy slowly between places that are nearly alike: on a Zen 4 the page cache gives 3 GB/s instead of 11 where the
/// destination lies 1 to 15 bytes after the source modulo a page, and 8 up to 31 bytes.
class Staging {
public:
    /// `bytes` for a read at `offset` of a file, aligned to 64, half a page apart from it; valid until the next call.
    char* at(std::size_t bytes, std::uint64_t offset)
    {
        if (bytes > bytes_) {
            memory_.reset();
            memory_ = std::make_unique_for_overwrite<char[]>(bytes + page + alignment);
            bytes_ = bytes;
        }
        auto const start = (reinterpret_cast<std::uintptr_t>(memory_.get()) + alignment - 1) / alignment * alignment;
        auto const ahead = (offset + page / 2 - start) % page / alignment * alignment;
        return reinterpret_cast<char*>(start + ahead);
    }

    /// Whether a read from there to `to` runs at full speed.
    static bool is_fast(void const* to, std::uint64_t offset)
    {
        auto const apart = (reinterpret_cast<std::uintptr_t>(to) - offset) % page;
        return apart == 0 || apart >= 32;
    }

private:
    static constexpr std::uint64_t page = 4096, alignment = 64;

    std::unique_ptr<char[]> memory_;
    std::size_t bytes_ = 0;
};

}  // namespace nocturne
