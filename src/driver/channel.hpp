// Messages between a program and its child. Enters: bytes of a Unix stream socket. Leaves: whole messages, each an 8-byte
// length (little-endian) and that many bytes, with one file descriptor where the sender attached one.
#pragma once

#include "nocturne/error.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace nocturne {

/// Owns one file descriptor.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        if (this != &other) reset(other.release());
        return *this;
    }
    ~Descriptor() { reset(); }

    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }
    void reset(int number = -1);

private:
    int number_ = -1;
};

struct Message {
    std::string text;
    Descriptor descriptor;  ///< absent unless the sender attached one
};

/// One end of a socket, made non-blocking. Never waits: the owner polls.
class Channel {
public:
    static constexpr std::uint64_t most_message_bytes = std::uint64_t(64) << 20;

    enum class Flow { open, closed };

    explicit Channel(Descriptor socket);

    int socket() const { return socket_.number(); }
    void close() { socket_.reset(); }

    /// Queues a message; `attached` (not owned, -1 = none) must stay open until it is sent. Error(defect) where the message is too long.
    void put(std::string const& text, int attached = -1);
    bool has_unsent() const { return sent_ < out_.size(); }
    /// Writes what the socket takes now; `closed` where the other end is gone.
    Flow write_some();

    /// Reads what has arrived; `closed` at the end of the stream. Error(system) on a length beyond most_message_bytes.
    Flow read_some();
    bool has_message() const { return !arrived_.empty(); }
    std::size_t waiting() const { return arrived_.size(); }
    Message take();
    /// True where the stream stands inside a message.
    bool inside_message() const { return !in_.empty(); }

private:
    void cut_messages();

    Descriptor socket_;
    std::string out_;
    std::size_t sent_ = 0;
    int attached_ = -1;
    std::size_t attached_at_ = 0;  ///< the byte of out_ that carries attached_
    std::string in_;
    std::deque<Descriptor> in_descriptors_;
    std::deque<Message> arrived_;
};

}  // namespace nocturne
