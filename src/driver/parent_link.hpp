// The child's side of driver/child.hpp: what a hidden verb begins with. Enters: messages of the parent. Leaves: answers.
#pragma once

#include "driver/channel.hpp"

#include <optional>
#include <string>

namespace nocturne {

class ParentLink {
public:
    /// Closes every descriptor above the channel, ignores the signals that go to a whole step (USR1, USR2, INT, TERM, HUP), asks
    /// to be killed when the parent dies. Error(usage) where this process is nobody's child.
    static ParentLink begin();

    /// The next message; nullopt where the parent closed the channel or is gone: then the verb returns.
    std::optional<Message> receive();
    /// False where the parent is gone.
    bool send(std::string const& text, int attached = -1);

private:
    explicit ParentLink(Descriptor socket) : channel_(std::move(socket)) {}
    Channel channel_;
};

}  // namespace nocturne
