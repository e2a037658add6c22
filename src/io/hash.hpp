// xxh3-128 of files and bytes, 32 hex digits as `xxh128sum` prints them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace nocturne {

/// Streams a file through a buffer that stays in cache. Throws Error(input_missing) where it cannot be opened, Error(io)
/// where it cannot be read.
std::string hash_file(std::string const& path);
std::string hash_bytes(void const* data, std::size_t bytes);

/// A hash of bytes as they come.
class StreamHash {
public:
    StreamHash();
    ~StreamHash();
    StreamHash(StreamHash const&) = delete;
    StreamHash& operator=(StreamHash const&) = delete;
    void add(void const* data, std::size_t bytes);
    std::string hex() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace nocturne
