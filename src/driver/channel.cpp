// Enters: messages and socket bytes. Leaves: socket bytes and messages.
#include "driver/channel.hpp"

#include "nocturne/check.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nocturne {
namespace {

constexpr std::size_t head_bytes = 8;
constexpr unsigned char plain = 0, with_descriptor = 1;  // the length's highest byte

/// Room for the control message of one descriptor.
union Control {
    cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
};

/// The descriptor that came with a message, if any; further ones are closed.
Descriptor descriptor_of(msghdr& header)
{
    Descriptor found;
    for (auto* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        int number = -1;
        std::memcpy(&number, CMSG_DATA(c), sizeof number);
        found.reset(number);
    }
    return found;
}

}  // namespace

void Descriptor::reset(int number)
{
    if (number_ >= 0) ::close(number_);
    number_ = number;
}

Channel::Channel(Descriptor socket) : socket_(std::move(socket))
{
    fcntl(socket_.number(), F_SETFL, fcntl(socket_.number(), F_GETFL) | O_NONBLOCK);
}

void Channel::put(std::string const& text, int attached)
{
    if (text.size() > most_message_bytes)
        throw Error(Code::defect, "a message to a child process is too long", std::to_string(text.size()) + " bytes",
                    "report this as a defect, with the command line");
    NOCT_CHECK(attached < 0 || attached_ < 0, "one descriptor at a time");
    out_.erase(0, sent_);
    if (attached_ >= 0) attached_at_ -= sent_;
    sent_ = 0;
    if (attached >= 0) {
        attached_ = attached;
        attached_at_ = out_.size();
    }
    for (std::size_t i = 0; i + 1 < head_bytes; ++i) out_ += static_cast<char>(text.size() >> (8 * i) & 0xff);
    out_ += static_cast<char>(attached >= 0 ? with_descriptor : plain);
    out_ += text;
}

Channel::Flow Channel::write_some()
{
    while (has_unsent()) {
        bool const attach = attached_ >= 0 && sent_ == attached_at_;
        std::size_t const end = attached_ >= 0 && !attach ? attached_at_ : out_.size();
        iovec piece{out_.data() + sent_, end - sent_};
        Control control{};
        msghdr header{};
        header.msg_iov = &piece;
        header.msg_iovlen = 1;
        if (attach) {
            header.msg_control = control.bytes;
            header.msg_controllen = sizeof control.bytes;
            auto* c = CMSG_FIRSTHDR(&header);
            c->cmsg_level = SOL_SOCKET;
            c->cmsg_type = SCM_RIGHTS;
            c->cmsg_len = CMSG_LEN(sizeof(int));
            std::memcpy(CMSG_DATA(c), &attached_, sizeof(int));
        }
        auto const n = sendmsg(socket_.number(), &header, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Flow::open;
        if (n < 0) return Flow::closed;
        if (attach) attached_ = -1;
        sent_ += static_cast<std::size_t>(n);
    }
    return Flow::open;
}

Channel::Flow Channel::read_some()
{
    char buffer[65536];
    for (;;) {
        iovec piece{buffer, sizeof buffer};
        Control control{};
        msghdr header{};
        header.msg_iov = &piece;
        header.msg_iovlen = 1;
        header.msg_control = control.bytes;
        header.msg_controllen = sizeof control.bytes;
        auto const n = recvmsg(socket_.number(), &header, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Flow::open;
        if (n <= 0) return Flow::closed;
        if (auto descriptor = descriptor_of(header)) in_descriptors_.push_back(std::move(descriptor));
        in_.append(buffer, static_cast<std::size_t>(n));
        cut_messages();
        if (has_message()) return Flow::open;  // a flood is taken message by message
    }
}

void Channel::cut_messages()
{
    std::size_t at = 0;
    while (in_.size() - at >= head_bytes) {
        std::uint64_t length = 0;
        for (std::size_t i = 0; i + 1 < head_bytes; ++i)
            length |= std::uint64_t(static_cast<unsigned char>(in_[at + i])) << (8 * i);
        auto const kind = static_cast<unsigned char>(in_[at + head_bytes - 1]);
        bool const lacks = kind == with_descriptor && in_descriptors_.empty();
        if (length > most_message_bytes || kind > with_descriptor || lacks)
            throw Error(Code::system, "a message of a child process is broken", "its length or kind makes no sense",
                        "report this as a defect, with the command line");
        if (in_.size() - at - head_bytes < length) break;
        Message message{in_.substr(at + head_bytes, length), {}};
        if (kind == with_descriptor) {
            message.descriptor = std::move(in_descriptors_.front());
            in_descriptors_.pop_front();
        }
        arrived_.push_back(std::move(message));
        at += head_bytes + length;
    }
    in_.erase(0, at);
}

Message Channel::take()
{
    NOCT_CHECK(has_message(), "no message has arrived");
    Message message = std::move(arrived_.front());
    arrived_.pop_front();
    return message;
}

}  // namespace nocturne
